/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes the completion of a shell (bash, zsh, fish) from the table of options,
 * the rules and the formats:
 *
 *   mkcompletion SHELL >FILE */
#include <stdlib.h>

#include "cli/options_inside.h"

static bool is_word(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!((text.at[i] >= 'a' && text.at[i] <= 'z') || text.at[i] == '-'))
			return false;
	return text.length > 0;
}

static bool is_about(const struct option_row *row, const char *what)
{
	return row->shape && strstr(row->shape, what);
}

static void put_format(const char *name, bool with_file, const char *colon)
{
	size_t length = strcspn(name, ":");

	printf(" %.*s%s%s%s", (int)length, name, name[length] ? colon : "",
	       name[length] ? name + length + 1 : "", with_file ? colon : "");
}

/* The values it takes, blank-separated; what stands for a value is none. colon:
 * how the shell wants one. Returns whether there are any. */
static bool put_values(const struct option_row *row, const char *colon)
{
	const char *at = row->shape ? row->shape : "";
	bool any = is_about(row, "FORMAT") || is_about(row, "ID") || is_about(row, "TYPE");

	while (*at) {
		size_t length = strcspn(at, "|");

		if (is_word((struct text){ at, length })) {
			printf(" %.*s", (int)length, at);
			any = true;
		}
		at += length;
		at += *at == '|';
	}
	if (is_about(row, "TYPE"))
		for (size_t i = 0; i < input_count; i++)
			printf(" %s", input_table[i]->name);
	if (is_about(row, "FORMAT"))
		for (size_t i = 0; i < writer_count; i++)
			put_format(writer_table[i]->name, is_about(row, ":FILE"), colon);
	if (is_about(row, "ID"))
		for (size_t i = 0; i < rule_count; i++)
			printf(" %s %s", rule_table[i]->id, rule_table[i]->name);
	return any;
}

/* Values with commas between them? */
static bool is_list(const struct option_row *row)
{
	return is_about(row, ",");
}

static bool is_file(const struct option_row *row)
{
	return is_about(row, "FILE") || is_about(row, "ELF") || is_about(row, "GOOD");
}

/* Shell words in single quotes hold no quote; zsh's specifications no bracket
 * or colon either. */
static void put_help(const char *help)
{
	for (; *help; help++) {
		if (*help == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *help))
			printf("\\%c", *help);
		else
			putchar(*help);
	}
}

/* --- bash ------------------------------------------------------------------- */

static void bash_cases(void)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!row->name || row->argument == WITHOUT)
			continue;
		printf("\t--%s", row->name);
		if (row->letter)
			printf("|-%c", row->letter);
		fputs(")\n\t\tvalues=\"", stdout);
		(void)put_values(row, ":");
		printf("\"%s%s ;;\n", is_list(row) ? " lead=${current%\"${current##*,}\"}" : "",
		       is_file(row) ? " files=1" : "");
	}
}

static void bash(void)
{
	puts("# bash completion of pgtcheck, written from its table of options\n"
	     "_pgtcheck()\n{\n"
	     "\tlocal current=${COMP_WORDS[COMP_CWORD]} option= values= files= lead=\n"
	     "\tCOMPREPLY=()\n"
	     "\t# '=' is a word of its own.\n"
	     "\tif [ \"$current\" = = ]; then\n"
	     "\t\toption=${COMP_WORDS[COMP_CWORD-1]} current=\n"
	     "\telif [ \"$COMP_CWORD\" -gt 2 ] && [ \"${COMP_WORDS[COMP_CWORD-1]}\" = = ]; then\n"
	     "\t\toption=${COMP_WORDS[COMP_CWORD-2]}\n"
	     "\telif [ \"$COMP_CWORD\" -gt 1 ]; then\n"
	     "\t\tcase ${COMP_WORDS[COMP_CWORD-1]} in -[a-zA-Z])\n"
	     "\t\t\toption=${COMP_WORDS[COMP_CWORD-1]} ;;\n\t\tesac\n"
	     "\tfi\n"
	     "\tcase $option in");
	bash_cases();
	fputs("\t*)\n\t\tcase $current in\n\t\t-*) values=\"", stdout);
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].name)
			printf(" --%s%s", option_rows[i].name, option_rows[i].argument == WITH ? "=" : "");
	puts("\" ;;\n\t\t*) files=1 ;;\n\t\tesac ;;\n\tesac\n"
	     "\t[ -z \"$values\" ] || COMPREPLY=($(compgen -P \"$lead\" -W \"$values\" -- \"${current#\"$lead\"}\"))\n"
	     "\t[ -z \"$files\" ] || COMPREPLY+=($(compgen -f -- \"$current\"))\n"
	     "\t[[ ${COMPREPLY[0]} != *[=:] ]] || compopt -o nospace 2>/dev/null\n"
	     "\treturn 0\n}\n"
	     "complete -o filenames -F _pgtcheck pgtcheck");
}

/* --- zsh -------------------------------------------------------------------- */

static void zsh_value(const struct option_row *row)
{
	if (row->argument == WITHOUT)
		return;
	printf("%s%s:", row->argument == MAY_HAVE ? "::" : ":", row->name);
	if (is_file(row) && !is_about(row, "FORMAT")) {
		fputs("_files", stdout);
		return;
	}
	fputs(is_list(row) ? "_sequence compadd -" : "(", stdout);
	if (!put_values(row, "\\:"))
		putchar(' ');
	if (!is_list(row))
		putchar(')');
}

static void zsh_row(const struct option_row *row)
{
	const char *equals = row->argument == WITH ? "=" : row->argument == MAY_HAVE ? "=-" : "";

	fputs(" \\\n\t", stdout);
	if (row->letter)
		printf("'(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter,
		       row->argument == WITH ? "+" : "", row->name, equals);
	else
		printf("'*--%s%s[", row->name, equals);
	put_help(row->help);
	putchar(']');
	zsh_value(row);
	putchar('\'');
}

static void zsh(void)
{
	fputs("#compdef pgtcheck\n# written from pgtcheck's table of options\n_arguments -s -S", stdout);
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].name)
			zsh_row(&option_rows[i]);
	puts(" \\\n\t'*:log:_files'");
}

/* --- fish ------------------------------------------------------------------- */

static void fish_help(const char *help)
{
	for (; *help; help++)
		if (*help == '\'' || *help == '\\')
			printf("\\%c", *help);
		else
			putchar(*help);
}

static void fish(void)
{
	puts("# fish completion of pgtcheck, written from its table of options\n"
	     "function __pgtcheck_list   # values with commas between them\n"
	     "\tset -l typed (commandline -ct | string replace -r '^--[a-z-]*=' '')\n"
	     "\tset -l lead (string replace -r '[^,]*$' '' -- \"$typed\")\n"
	     "\tfor value in $argv\n"
	     "\t\techo \"$lead$value\"\n"
	     "\tend\n"
	     "end");
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (!row->name)
			continue;
		printf("complete -c pgtcheck -l %s", row->name);
		if (row->letter)
			printf(" -s %c", row->letter);
		if (row->argument == WITH)
			fputs(is_file(row) ? " -r" : " -x", stdout);
		fputs(" -d '", stdout);
		fish_help(row->help);
		putchar('\'');
		if (row->argument != WITHOUT && !(is_file(row) && !is_about(row, "FORMAT"))) {
			fputs(is_list(row) ? " -a '(__pgtcheck_list" : " -a '", stdout);
			(void)put_values(row, ":");
			fputs(is_list(row) ? ")'" : "'", stdout);
		}
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*put)(void); } shells[] = {
		{ "bash", bash }, { "zsh", zsh }, { "fish", fish },
	};

	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		if (argc == 2 && !strcmp(argv[1], shells[i].name)) {
			shells[i].put();
			return fclose(stdout) ? EXIT_TROUBLE : 0;
		}
	fputs("usage: mkcompletion bash|zsh|fish\n", stderr);
	return EXIT_USAGE;
}
