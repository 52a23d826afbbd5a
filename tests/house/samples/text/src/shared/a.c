#include <stdio.h>

void f(void);

	int tab;
int blanks; 
int wide_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;
/* TODO: more */
/* see /home/anna/busbar and
   issue #12 */
int hurry; /* XXX */
