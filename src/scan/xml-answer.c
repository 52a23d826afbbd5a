/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xml-answer.h"

#include "string-util.h"

#define BLANKS " \t\r\n"
#define ATTRIBUTES_MAX 256U

/* The head of a document, as far as the end of its first start tag, is all that matters: what is behind it
 * is never looked at. */

typedef struct Reader {
        const char *p; /* NUL behind it all */
} Reader;

static void skip_blanks(Reader *r) {
        r->p += strspn(r->p, BLANKS);
}

static bool skip_until(Reader *r, const char *end) {
        const char *found = strstr(r->p, end);

        if (!found)
                return false;
        r->p = found + strlen(end);
        return true;
}

/* A <!DOCTYPE ...> has an end of its own; with a subset in [ ] it is none that a card would send. */
static int skip_prolog(Reader *r) {
        for (;;) {
                skip_blanks(r);
                if (startswith(r->p, "<?")) {
                        if (!skip_until(r, "?>"))
                                return -EBADMSG;
                } else if (startswith(r->p, "<!--")) {
                        r->p += strlen("<!--");
                        if (!skip_until(r, "-->"))
                                return -EBADMSG;
                } else if (startswith(r->p, "<!")) {
                        if (!skip_until(r, ">"))
                                return -EBADMSG;
                } else
                        return 0;
        }
}

static bool is_name_start(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
               (unsigned char) c >= 128;
}

static int take_name(Reader *r, char **ret) {
        const char *begin = r->p;

        if (!is_name_start(*r->p))
                return -EBADMSG;
        while (is_name_start(*r->p) || (*r->p >= '0' && *r->p <= '9') || *r->p == '-' || *r->p == '.')
                r->p++;
        *ret = strndup(begin, (size_t) (r->p - begin));
        return *ret ? 0 : -ENOMEM;
}

/* Those that every document has; others stay as they are, it is for people. */
static void decode(char *s) {
        static const struct {
                const char *entity;
                char c;
        } entities[] = {
                { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&amp;", '&' },
        };
        char *to = s;

        while (*s) {
                const char *rest = NULL;

                for (size_t i = 0; i < ELEMENTSOF(entities) && !rest; i++) {
                        rest = startswith(s, entities[i].entity);
                        if (rest)
                                *to = entities[i].c;
                }
                if (!rest)
                        *to = *s;
                to++;
                s += rest ? rest - s : 1;
        }
        *to = '\0';
}

static int take_value(Reader *r, char **ret) {
        char quote = *r->p;
        const char *end;

        if (quote != '"' && quote != '\'')
                return -EBADMSG;
        end = strchr(++r->p, quote);
        if (!end || memchr(r->p, '<', (size_t) (end - r->p)))
                return -EBADMSG;
        *ret = strndup(r->p, (size_t) (end - r->p));
        if (!*ret)
                return -ENOMEM;
        decode(*ret);
        r->p = end + 1;
        return 0;
}

static int take_attribute(Reader *r, XmlAnswer *a) {
        _cleanup_free_ char *name = NULL, *value = NULL;
        int n;

        n = take_name(r, &name);
        if (n < 0)
                return n;
        skip_blanks(r);
        if (*r->p++ != '=')
                return -EBADMSG;
        skip_blanks(r);
        n = take_value(r, &value);
        if (n < 0)
                return n;
        if (streq(name, "type") && !a->type)
                a->type = TAKE_PTR(value);
        else if (streq(name, "class") && !a->class)
                a->class = TAKE_PTR(value);
        return 0;
}

static int take_element(Reader *r, XmlAnswer *a) {
        _cleanup_free_ char *name = NULL;
        int n;

        if (*r->p++ != '<')
                return -EBADMSG;
        n = take_name(r, &name);
        for (unsigned i = 0; n >= 0 && i < ATTRIBUTES_MAX; i++) {
                size_t blanks = strspn(r->p, BLANKS);

                r->p += blanks;
                if (*r->p == '>' || startswith(r->p, "/>"))
                        return a->type ? 0 : -EBADMSG;
                if (blanks == 0)
                        return -EBADMSG;
                n = take_attribute(r, a);
        }
        return n < 0 ? n : -EBADMSG;
}

int xml_answer_parse(const char *data, size_t n, XmlAnswer *ret) {
        _cleanup_free_ char *text = strndup(data, n);
        XmlAnswer a = {};
        Reader reader = { .p = text };
        int r;

        if (!text)
                return -ENOMEM;
        if (startswith(text, "\xef\xbb\xbf"))
                reader.p += 3;
        r = skip_prolog(&reader);
        if (r >= 0)
                r = take_element(&reader, &a);
        if (r < 0) {
                xml_answer_done(&a);
                return r;
        }
        *ret = a;
        return 0;
}

void xml_answer_done(XmlAnswer *a) {
        free(a->type);
        free(a->class);
        *a = (XmlAnswer) {};
}
