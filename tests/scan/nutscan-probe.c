/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <nut-scan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A program like those of others: what the library's functions give, on standard output. */

static void print_range(const char *first, const char *last) {
        nutscan_ip_iter_t ip;
        const char *blank = "";

        for (char *text = nutscan_ip_iter_init(&ip, first, last); text; text = nutscan_ip_iter_inc(&ip)) {
                printf("%s%s", blank, text);
                free(text);
                blank = " ";
        }
        putchar('\n');
}

/* strdup(3) is not of ISO C, which the headers have to do with. */
static char *copy(const char *text) {
        char *new = malloc(strlen(text) + 1);

        if (!new)
                abort();
        return strcpy(new, text);
}

/* Of a range that nobody would go through. */
static void print_first(const char *first, const char *last) {
        nutscan_ip_iter_t ip;
        char *text = nutscan_ip_iter_init(&ip, first, last), *next = text ? nutscan_ip_iter_inc(&ip) : NULL;

        printf("%s %s\n", text ? text : "-", next ? next : "-");
        free(text);
        free(next);
}

static void print_network(const char *network) {
        char *first = NULL, *last = NULL;
        int r = nutscan_cidr_to_ip(network, &first, &last);

        printf("%d %s %s\n", r, first ? first : "-", last ? last : "-");
        free(first);
        free(last);
}

static nutscan_device_t *make(nutscan_device_type_t type, const char *driver, const char *port) {
        nutscan_device_t *d = nutscan_new_device();

        if (!d)
                abort();
        d->type = type;
        d->driver = copy(driver);
        d->port = copy(port);
        return d;
}

static void print_devices(void) {
        char serial[] = "serial", one[] = "1", flag[] = "flag";
        nutscan_device_t *list = make(TYPE_USB, "one", "auto");

        nutscan_add_option_to_device(list, serial, one);
        nutscan_add_option_to_device(list, flag, NULL);
        list = nutscan_add_device_to_device(list, make(TYPE_NUT, "two", "b@c"));
        nutscan_display_ups_conf(list);
        nutscan_display_parsable(nutscan_rewind_device(list));
        nutscan_free_device(list);
        nutscan_free_device(NULL);
}

static void print_ports(void) {
        char **ports = nutscan_get_serial_ports_list("/dev/ttyA,/dev/ttyB");

        for (char **port = ports; port && *port; port++) {
                printf("%s%s", port == ports ? "" : " ", *port);
                free(*port);
        }
        free(ports);
        putchar('\n');
}

int main(void) {
        nutscan_init();
        print_devices();
        print_network("192.0.2.0/30");
        print_network("10.1.2.3/8");
        print_network("0.0.0.0/0");
        print_network("fe80::1/64");
        print_network("2001:db8::/96");
        print_network("192.0.2.0/99");
        print_network("192.0.2.0");
        print_range("192.0.2.255", "192.0.3.1");
        print_range("2001:db8::1:0", "2001:db8::ffff");
        print_first("10.0.0.0", "10.255.255.255");
        print_first("2001:db8::", "2001:db8:ffff::");
        print_first("10.0.0.0", "::1");
        print_ports();
        if (nutscan_scan_snmp(NULL, NULL, 1000, NULL) || nutscan_scan_nut("x y", NULL, NULL, 1000) ||
            nutscan_scan_nut("127.0.0.1", NULL, "0", 1000) || nutscan_scan_ipmi(NULL, NULL, NULL) ||
            nutscan_scan_nut("10.0.0.0", "10.255.255.255", NULL, 1000))
                return EXIT_FAILURE;
        nutscan_free();
        return EXIT_SUCCESS;
}
