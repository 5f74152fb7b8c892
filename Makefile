# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make              build ./pgtcheck
#   make check        all tests; last line "N passed, N failed"
#   make help         the other targets

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CC ?= cc
CC_FOR_BUILD ?= $(CC)
CFLAGS ?= -O2 -g
# Warnings are errors for us (a git checkout), never for a packager's compiler.
WERROR ?= $(if $(wildcard .git),-Werror)
WARNINGS = -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla -Wundef
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -I. -I$(BUILD)/gen $(WARNINGS) $(WERROR) $(CFLAGS) $(EXTRA_CFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(EXTRA_LDFLAGS)

VERSION = 0.1.0

RULES := $(sort $(wildcard core/rules/*.c))
FAMILIES := $(sort $(wildcard formats/lines_*.c))
WRITERS := $(sort $(wildcard formats/out_*.c))
CORE := $(sort $(wildcard core/*.c)) $(RULES)
FORMATS := $(filter-out formats/mkindex.c,$(sort $(wildcard formats/*.c)))
CLI := $(sort $(wildcard cli/*.c))

LIB_SOURCES := $(CORE) $(FORMATS) $(filter-out cli/main.c,$(CLI))
GENERATED := $(BUILD)/gen/rule_table.c $(BUILD)/gen/line_index.c $(BUILD)/gen/writer_table.c
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o) $(GENERATED:.c=.o)
OBJECTS := $(LIB_OBJECTS) $(BUILD)/cli/main.o

# make V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-5s %s\n' $(1) $@)

all: pgtcheck

pgtcheck: $(OBJECTS)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(OBJECTS) $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -DVERSION='"$(VERSION)"' -MMD -MP -c -o $@ $<

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The lists nobody edits: rules by ID, line shapes by their first bytes, writers.
# A changed set of files changes its stamp, so a deleted file is noticed too.
$(BUILD)/gen/%.list: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(LIST_$*) | cmp -s - $@ || printf '%s\n' $(LIST_$*) >$@
LIST_rules = $(RULES)
LIST_families = $(FAMILIES)
LIST_writers = $(WRITERS)

$(BUILD)/gen/rule_table.c: $(BUILD)/gen/rules.list $(RULES)
	@sed -n -e '/^const struct rule rule_/{s/^const struct rule \(rule_[a-z0-9_]*\).*/\1/;h;}' \
		-e '/^[[:space:]]*\.id = "/{s/.*"\(.*\)".*/\1/;G;s/\n/ /;p;}' $(RULES) | sort | awk ' \
		BEGIN { print "#include \"core/rule.h\"\n" } \
		{ print "extern const struct rule " $$2 ";"; t = t "\t&" $$2 ",\n"; n++ } \
		END { print "\nconst struct rule *const rule_table[] = {\n" t "};"; \
		      print "const size_t rule_count = " n + 0 ";" }' >$@.tmp && mv $@.tmp $@

$(BUILD)/gen/writer_table.c: $(BUILD)/gen/writers.list $(WRITERS)
	@sed -n 's/^const struct writer \(writer_[a-z0-9_]*\).*/\1/p' $(WRITERS) | awk ' \
		BEGIN { print "#include \"formats/writer.h\"\n" } \
		{ print "extern const struct writer " $$1 ";"; t = t "\t&" $$1 ",\n"; n++ } \
		END { print "\nconst struct writer *const writer_table[] = {\n" t "};"; \
		      print "const size_t writer_count = " n + 0 ";" }' >$@.tmp && mv $@.tmp $@

$(BUILD)/mkindex: formats/mkindex.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC_FOR_BUILD) -std=gnu11 -D_GNU_SOURCE -O1 -o $@ $<

$(BUILD)/gen/line_index.c: $(BUILD)/mkindex $(BUILD)/gen/families.list $(FAMILIES)
	$(BUILD)/mkindex $(FAMILIES) >$@.tmp && mv $@.tmp $@

# --- manual ------------------------------------------------------------------

MAN_PAGES = man/pgtcheck.1 man/pgtcheck-formats.5 $(BUILD)/pgtcheck-rules.7

$(BUILD)/mkrules: man/mkrules.c $(LIB_OBJECTS)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIB_OBJECTS) $(LDLIBS)

$(BUILD)/pgtcheck-rules.7: $(BUILD)/mkrules
	$(BUILD)/mkrules >$@.tmp && mv $@.tmp $@

man: $(MAN_PAGES)

# --- tests -------------------------------------------------------------------

UNITS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit_*.c)))

# SAN=1: the same tests under the address and undefined-behaviour sanitizers, in
# a build folder of their own. TINY=1: with every limit small.
ifdef SAN
CHECK_ARGS += BUILD=build-san EXTRA_CFLAGS='-fsanitize=address,undefined -fno-sanitize-recover=all -DTEST_BUILD'
endif

check:
	@$(MAKE) --no-print-directory $(CHECK_ARGS) check-all

check-all: $(BUILD)/pgtcheck $(UNITS) $(MAN_PAGES)
	@BUILD=$(BUILD) PGTCHECK=$(abspath $(BUILD)/pgtcheck) tests/check.sh $(UNITS)

# The tests' own copy, so that a sanitized one never replaces ./pgtcheck.
$(BUILD)/pgtcheck: $(OBJECTS)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(OBJECTS) $(LDLIBS)

$(BUILD)/tests/unit_%: tests/unit_%.c $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< $(LIB_OBJECTS) -lcmocka $(LDLIBS)

cases: pgtcheck
	tests/cases.sh

bless: pgtcheck
	tests/cases.sh --bless $(CASE)

# The oracles and the expectations over a corpus folder with an EXPECT.tsv.
check-corpus: pgtcheck
	@test -n "$(CORPUS)" || { echo "usage: make check-corpus CORPUS=DIR" >&2; exit 2; }
	tests/corpus.sh "$(CORPUS)"

# --- bench -------------------------------------------------------------------

$(BUILD)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

bench: pgtcheck $(BUILD)/bench/gen $(BUILD)/bench/driver
	BUILD=$(BUILD) bench/run.sh

# --- install -----------------------------------------------------------------

install: pgtcheck $(MAN_PAGES)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 755 pgtcheck $(DESTDIR)$(PREFIX)/bin/pgtcheck
	install -m 644 man/pgtcheck.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 man/pgtcheck-formats.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 $(BUILD)/pgtcheck-rules.7 $(DESTDIR)$(PREFIX)/share/man/man7/

lint:
	tests/lint.sh

help:
	@echo 'make               build ./pgtcheck'
	@echo 'make check         all tests (SAN=1: under sanitizers); last line "N passed, N failed"'
	@echo 'make cases         the golden cases of testdata/ alone'
	@echo 'make bless CASE=G/C  write what a case prints now as expected; read the diff'
	@echo 'make check-corpus CORPUS=DIR  oracles and EXPECT.tsv over a corpus folder'
	@echo 'make bench         speed as ratios measured in one run'
	@echo 'make lint          include arrows, names, style'
	@echo 'make man           the manual pages'
	@echo 'make install PREFIX= DESTDIR=, make clean'

clean:
	rm -rf build build-san $(BUILD) pgtcheck

FORCE:
.PHONY: all check check-all cases bless check-corpus bench install lint help man clean FORCE
.SECONDARY:

-include $(OBJECTS:.o=.d)
