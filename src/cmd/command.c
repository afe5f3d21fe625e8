/* command.c - the table of commands. */
#include "cmd/command.h"

#include <string.h>

const struct command *const command_table[] = {
    &command_plan, &command_sim, &command_predict, &command_compare, &command_explain, &command_catalog, &command_trace,
    &command_train, &command_fleet, &command_breakeven, &command_emit, &command_bench, &command_probe, &command_validate, &command_calibrate, &command_sweep, &command_ui, &command_help,
};
const size_t command_count = sizeof command_table / sizeof *command_table;

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(command_table[i]->name, name) == 0)
            return command_table[i];
    return NULL;
}

bool command_unknown(const char *what, const char *name, const char *const *names, size_t n, struct err *e)
{
    const char *close = text_closest(name, names, n);
    err_input(e, "", "unknown %s \"%.80s\"", what, name);
    return close ? err_mend(e, "did you mean \"%s\"?", close) : false;
}
