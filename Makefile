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

all: pgtcheck

pgtcheck: $(OBJECTS)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(OBJECTS) $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -DVERSION='"$(VERSION)"' -MMD -MP -c -o $@ $<

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

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
	$(CC_FOR_BUILD) -std=gnu11 -D_GNU_SOURCE -O1 -o $@ $<

$(BUILD)/gen/line_index.c: $(BUILD)/mkindex $(BUILD)/gen/families.list $(FAMILIES)
	$(BUILD)/mkindex $(FAMILIES) >$@.tmp && mv $@.tmp $@

clean:
	rm -rf $(BUILD) pgtcheck

FORCE:
.PHONY: all clean FORCE
.SECONDARY:

-include $(OBJECTS:.o=.d)
