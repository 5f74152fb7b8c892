# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make              build ./pgtcheck
#   make check        all tests; last line "N passed, N failed"
#   make help         the other targets

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
DESTDIR ?=
PKG_CONFIG ?= pkg-config
BUILD ?= build
CC ?= cc
CC_FOR_BUILD ?= $(CC)
CFLAGS ?= -O2 -g
comma := ,
# Warnings are errors for us (a git checkout), never for a packager's compiler.
WERROR ?= $(if $(wildcard .git),-Werror)
WARNINGS = -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla -Wundef
# An event is cleared, and copied, for each line that is one: not by instructions that take
# longer to begin than to end.
STRAIGHT := $(if $(filter ok,$(shell echo 'int x;' | $(CC) -mmemset-strategy=libcall:-1:noalign \
	-x c -c -o /dev/null - 2>/dev/null && echo ok)),-mmemset-strategy=libcall:-1:noalign \
	-mmemcpy-strategy=libcall:-1:noalign)
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -I. -I$(BUILD)/gen $(WARNINGS) $(WERROR) $(STRAIGHT) $(CPPFLAGS) $(CFLAGS) $(EXTRA_CFLAGS)
# Packed, the 3,000 addresses in our tables take the loader a third of the time; the C
# library has to know of it (2.36), and the linker.
RELR := $(if $(findstring packed,$(shell printf '\043include <features.h>\n\043if \
	__GLIBC_PREREQ(2, 36)\npacked\n\043endif\n' | $(CC) -E - 2>/dev/null)),$(if $(findstring \
	pack-relative-relocs,$(shell $(CC) -Wl,--help 2>/dev/null)),-Wl$(comma)-z$(comma)pack-relative-relocs))
ALL_LDFLAGS = $(RELR) $(LDFLAGS) $(EXTRA_LDFLAGS)

VERSION = 0.1.0

RULES := $(sort $(wildcard core/rules/*.c))
FAMILIES := $(sort $(wildcard formats/lines_*.c))
WRITERS := $(sort $(wildcard formats/out_*.c))
READERS := $(sort $(wildcard formats/in_*.c))
CORE := $(sort $(wildcard core/*.c)) $(RULES)
FORMATS := $(sort $(wildcard formats/*.c))
CLI := $(filter-out cli/mkfilter.c,$(sort $(wildcard cli/*.c)))

LIB_SOURCES := $(CORE) $(FORMATS) $(filter-out cli/main.c,$(CLI))
GENERATED := $(BUILD)/gen/rule_table.c $(BUILD)/gen/line_index.c $(BUILD)/gen/writer_table.c \
	$(BUILD)/gen/input_table.c $(BUILD)/gen/module_table.c
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o) $(GENERATED:.c=.o)
OBJECTS := $(LIB_OBJECTS) $(BUILD)/cli/main.o

# Modules: see formats/module.h. A module whose packages are missing is not built;
# LINKED=1 links them into the program.
MODULES := $(sort $(notdir $(patsubst %/packages,%,$(wildcard formats/modules/*/packages))))
# Of "name@debian-package:header.h:-llib" only the name, unless pkg-config does not know
# it and the compiler finds the header.
name_of = $(firstword $(subst @, ,$(firstword $(subst :, ,$(1)))))
package_of = $(word 2,$(subst @, ,$(firstword $(subst :, ,$(1)))))
has = $(shell $(PKG_CONFIG) --exists $(name_of) 2>/dev/null && echo $(name_of) || $(call \
	has_header,$(1),$(word 2,$(subst :, ,$(1)))))
has_header = $(if $(2),printf '\043include <$(2)>\n' | $(CC) -E - >/dev/null 2>&1 && echo '$(1)',:)
upper = $(shell printf %s '$(1)' | tr 'a-z.-' 'A-Z__')
define module_facts
NEEDS_$(1) := $$(filter-out %?,$$(file <formats/modules/$(1)/packages))
WANTS_$(1) := $$(patsubst %?,%,$$(filter %?,$$(file <formats/modules/$(1)/packages)))
FOUND_$(1) := $$(foreach p,$$(NEEDS_$(1)) $$(WANTS_$(1)),$$(call has,$$(p)))
NAMES_$(1) := $$(foreach p,$$(FOUND_$(1)),$$(call name_of,$$(p)))
KNOWN_$(1) := $$(foreach p,$$(FOUND_$(1)),$$(if $$(findstring :,$$(p)),,$$(p)))
BUILT_$(1) := $$(if $$(filter-out $$(NAMES_$(1)),$$(foreach p,$$(NEEDS_$(1)),$$(call name_of,$$(p)))),,$(1))
LACKS_$(1) := $$(strip $$(foreach p,$$(NEEDS_$(1)) $$(if $$(BUILT_$(1)),$$(WANTS_$(1))),$$(if $$(filter $$(call name_of,$$(p)),$$(NAMES_$(1))),,$$(p))))
CFLAGS_$(1) := $$(foreach p,$$(NAMES_$(1)),-DHAVE_$$(call upper,$$(p))) $$(shell $(PKG_CONFIG) --cflags $$(KNOWN_$(1)) 2>/dev/null)
LIBS_$(1) := $$(shell $(PKG_CONFIG) --libs $$(KNOWN_$(1)) 2>/dev/null) $$(foreach p,$$(FOUND_$(1)),$$(word 3,$$(subst :, ,$$(p))))
OBJECTS_$(1) := $$(patsubst %.c,$$(BUILD)/%.o,$$(sort $$(wildcard formats/modules/$(1)/*.c)))
endef
$(foreach m,$(MODULES),$(eval $(call module_facts,$(m))))
MODULES_BUILT := $(foreach m,$(MODULES),$(BUILT_$(m)))
MODULE_FILES := $(if $(LINKED),,$(MODULES_BUILT:%=$(BUILD)/modules/pgtcheck-%.so))
ifdef LINKED
LIB_OBJECTS += $(foreach m,$(MODULES_BUILT),$(OBJECTS_$(m)))
LDLIBS += $(sort $(foreach m,$(MODULES_BUILT),$(LIBS_$(m))))
endif

# make V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-5s %s\n' $(1) $@)

all: pgtcheck $(MODULE_FILES) left-out

# What this build cannot do, and the library that would let it.
space := $(subst ,, )
list = $(subst $(space),$(comma) ,$(strip $(1)))
names = $(call list,$(foreach p,$(1),$(call name_of,$(p)))) (Debian: $(call list,$(foreach p,$(1),$(call package_of,$(p)))))
define left_out
$(foreach m,$(MODULES),$(if $(LACKS_$(m)),
  less: $(file <formats/modules/$(m)/gives): $(if $(BUILT_$(m)),some of it )needs $(call names,$(LACKS_$(m)))))$(if $(SECCOMP_MISSING),
  less: the sandbox's filter of system calls: needs libseccomp (Debian: libseccomp-dev))
endef
left-out: pgtcheck $(MODULE_FILES)
	$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,$(if $(strip $(left_out)),$(info $(left_out))))@:

# The sandbox's filter of system calls (cli/sandbox.h) is written by libseccomp, and
# needs it no more when it runs. SECCOMP= leaves it out.
ifeq ($(origin SECCOMP),undefined)
SECCOMP := $(shell $(PKG_CONFIG) --exists libseccomp 2>/dev/null && echo yes)
SECCOMP_MISSING := $(if $(SECCOMP),,yes)
endif
LIST_seccomp = $(SECCOMP)
$(BUILD)/cli/sandbox.o: $(BUILD)/gen/seccomp.list
ifneq ($(SECCOMP),)
$(BUILD)/cli/sandbox.o: ALL_CFLAGS += -DHAVE_LIBSECCOMP
$(BUILD)/cli/sandbox.o: $(BUILD)/gen/syscall_filter.h
endif

# -rdynamic: modules call what the program has.
pgtcheck: $(OBJECTS) | $(MODULE_FILES)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -rdynamic -o $@ $(OBJECTS) $(LDLIBS)

define module_rules
# Built again when other libraries are found than the last time.
LIST_with-$(1) = $$(CFLAGS_$(1)) $$(LIBS_$(1))
$$(OBJECTS_$(1)): $(BUILD)/gen/with-$(1).list
$(BUILD)/formats/modules/$(1)/%.o: formats/modules/$(1)/%.c
	@mkdir -p $$(@D)
	$$(call say,CC)
	$$(Q)$$(CC) $$(ALL_CFLAGS) -DVERSION='"$$(VERSION)"' $$(CFLAGS_$(1)) -fPIC -MMD -MP -c -o $$@ $$<

$(BUILD)/modules/pgtcheck-$(1).so: $$(OBJECTS_$(1))
	@mkdir -p $$(@D)
	$$(call say,LD)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(ALL_LDFLAGS) -shared -o $$@ $$(OBJECTS_$(1)) $$(LIBS_$(1))
endef
$(foreach m,$(MODULES),$(eval $(call module_rules,$(m))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -DVERSION='"$(VERSION)"' -DMODULE_DIR='"$(LIBDIR)/pgtcheck"' \
		-DSYSCONF_DIR='"$(SYSCONFDIR)"' -MMD -MP -c -o $@ $<

# Two stores of two bytes are better than what it takes to join them.
$(BUILD)/formats/newlines.o: ALL_CFLAGS += -fno-tree-slp-vectorize

# Where installed modules are.
$(BUILD)/formats/module.o: $(BUILD)/gen/place.list
LIST_place = $(LIBDIR)

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The lists nobody edits: rules by ID, line shapes by their first bytes, writers,
# readers.
# A changed set of files changes its stamp, so a deleted file is noticed too.
$(BUILD)/gen/%.list: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(LIST_$*) | cmp -s - $@ || printf '%s\n' $(LIST_$*) >$@
LIST_rules = $(RULES)
LIST_families = $(FAMILIES)
LIST_writers = $(WRITERS)
LIST_readers = $(READERS)
LIST_modules = $(foreach m,$(MODULES),$(m)$(if $(BUILT_$(m)), built) $(NAMES_$(m))) $(if $(LINKED),linked)

$(BUILD)/gen/rule_table.c: $(BUILD)/gen/rules.list $(RULES)
	@sed -n -e '/^const struct rule rule_/{s/^const struct rule \(rule_[a-z0-9_]*\).*/\1/;h;}' \
		-e '/^[[:space:]]*\.id = "/{s/.*"\(.*\)".*/\1/;G;s/\n/ /;p;}' $(RULES) | sort | awk ' \
		BEGIN { print "#include \"core/rule.h\"\n" } \
		{ print "extern const struct rule " $$2 ";"; t = t "\t&" $$2 ",\n"; n++ } \
		END { print "\nconst struct rule *const rule_table[] = {\n" t "};"; \
		      print "const size_t rule_count = " n + 0 ";" }' >$@.tmp
	@[ "$$(grep -c '^extern' $@.tmp)" -eq $(words $(RULES)) ] || { \
		echo "a file of core/rules has no rule that is found: its first lines are" >&2; \
		echo "    const struct rule rule_NAME = {  and  .id = \"PGTnnn\",  each on a line" >&2; \
		exit 1; }
	@mv $@.tmp $@

$(BUILD)/gen/writer_table.c: $(BUILD)/gen/writers.list $(WRITERS)
	@sed -n 's/^const struct writer \(writer_[a-z0-9_]*\).*/\1/p' $(WRITERS) | awk ' \
		BEGIN { print "#include \"formats/writer.h\"\n" } \
		{ print "extern const struct writer " $$1 ";"; t = t "\t&" $$1 ",\n"; n++ } \
		END { print "\nconst struct writer *const writer_table[] = {\n" t "};"; \
		      print "const size_t writer_count = " n + 0 ";" }' >$@.tmp && mv $@.tmp $@

$(BUILD)/gen/input_table.c: $(BUILD)/gen/readers.list $(READERS)
	@sed -n 's/^const struct input_format \(input_[a-z0-9_]*\).*/\1/p' $(READERS) | sort -u | awk ' \
		BEGIN { print "#include \"formats/input.h\"\n" } \
		{ print "extern const struct input_format " $$1 ";"; t = t "\t&" $$1 ",\n"; n++ } \
		END { print "\nconst struct input_format *const input_table[] = {\n" t "};"; \
		      print "const size_t input_count = " n + 0 ";" }' >$@.tmp && mv $@.tmp $@

$(BUILD)/gen/module_table.c: $(BUILD)/gen/modules.list
	@{ echo '#include "formats/module.h"'; \
	$(if $(LINKED),for m in $(MODULES_BUILT); do echo "extern const struct module pgtcheck_module_$$m;"; done;) \
	echo 'const struct module_row module_table[] = {'; \
	$(foreach m,$(MODULES),echo '{ "$(m)", $(if $(LINKED),$(if $(BUILT_$(m)),&pgtcheck_module_$(m),NULL),NULL), $(if $(BUILT_$(m)),1,0), "$(NAMES_$(m))", "$(foreach p,$(LACKS_$(m)),$(call name_of,$(p)))" },';) \
	echo '{ NULL, NULL, 0, NULL, NULL } };'; echo 'const size_t module_count = $(words $(MODULES));'; } >$@.tmp && mv $@.tmp $@

MKINDEX := $(sort $(wildcard formats/mkindex/*.c))

$(BUILD)/mkindex: $(MKINDEX) formats/mkindex/mkindex.h
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC_FOR_BUILD) -std=gnu11 -D_GNU_SOURCE -O1 -I. -o $@ $(MKINDEX)

$(BUILD)/gen/line_index.c: $(BUILD)/mkindex $(BUILD)/gen/families.list $(FAMILIES)
	$(BUILD)/mkindex $(FAMILIES) >$@.tmp && mv $@.tmp $@

$(BUILD)/mkfilter: cli/mkfilter.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC_FOR_BUILD) -std=gnu11 -D_GNU_SOURCE -O1 -o $@ $< $(shell $(PKG_CONFIG) --cflags --libs libseccomp)

# For the machine that pgtcheck will run on: the first word of its triplet.
$(BUILD)/gen/syscall_filter.h: $(BUILD)/mkfilter
	@mkdir -p $(@D)
	$(BUILD)/mkfilter $(firstword $(subst -, ,$(shell $(CC) -dumpmachine))) >$@.tmp && mv $@.tmp $@

# --- manual ------------------------------------------------------------------

MAN_PAGES = man/pgtcheck.1 man/pgtcheck-formats.5 man/pgtcheck-capture.7 \
	$(BUILD)/pgtcheck-rules.7

$(BUILD)/mkrules: man/mkrules.c $(LIB_OBJECTS)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIB_OBJECTS) $(LDLIBS)

$(BUILD)/pgtcheck-rules.7: $(BUILD)/mkrules
	$(BUILD)/mkrules >$@.tmp && mv $@.tmp $@

man: $(MAN_PAGES)

# --- completion of shells -----------------------------------------------------

COMPLETIONS = $(BUILD)/completion.bash $(BUILD)/completion.zsh $(BUILD)/completion.fish

completions: $(COMPLETIONS)

$(BUILD)/mkcompletion: man/mkcompletion.c $(LIB_OBJECTS)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -rdynamic -o $@ $< $(LIB_OBJECTS) $(LDLIBS)

$(BUILD)/completion.%: $(BUILD)/mkcompletion
	$(BUILD)/mkcompletion $* >$@.tmp && mv $@.tmp $@

# --- tests -------------------------------------------------------------------

UNITS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit_*.c)))

# SAN=1: the same tests under the address and undefined-behaviour sanitizers, in
# a build folder of their own. TINY=1: with every limit small.
SAN_ARGS = BUILD=build-san EXTRA_CFLAGS='-fsanitize=address,undefined -fno-sanitize-recover=all -DTEST_BUILD'
ifdef SAN
CHECK_ARGS += $(SAN_ARGS)
endif

check:
	@$(MAKE) --no-print-directory $(CHECK_ARGS) check-all

check-all: $(BUILD)/pgtcheck $(UNITS) $(MAN_PAGES) $(COMPLETIONS) $(BUILD)/tests/mkcore \
		$(BUILD)/tests/inject.so $(BUILD)/tests/mutate $(BUILD)/tests/mutate_any
	@BUILD=$(BUILD) PGTCHECK="$$(realpath $(BUILD)/pgtcheck)" tests/check.sh $(UNITS)

# The tests' own copy, so that a sanitized one never replaces ./pgtcheck.
$(BUILD)/pgtcheck: $(OBJECTS) $(MODULE_FILES)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -rdynamic -o $@ $(OBJECTS) $(LDLIBS)

# unit_NAME of a module has the module linked in.
$(foreach m,$(MODULES),$(eval $(BUILD)/tests/unit_$(m): $(if $(BUILT_$(m)),$(OBJECTS_$(m)))))
$(BUILD)/tests/unit_%: tests/unit_%.c $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< $(LIB_OBJECTS) \
		$(filter-out $(LIB_OBJECTS),$(OBJECTS_$*)) -lcmocka $(LDLIBS) $(LIBS_$*)

# Writes the memory dumps of the cases.
$(BUILD)/tests/mkcore: tests/mkcore.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

# Damages logs: tests/mutate.c.
$(BUILD)/tests/mutate: tests/fuzz_text.c
# The same for inputs of any kind, in every output format.
$(BUILD)/tests/mutate_any: tests/fuzz_run.c
$(BUILD)/tests/mutate $(BUILD)/tests/mutate_any: tests/mutate.c tests/fuzz.c tests/fuzz.h $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter tests/%.c,$^) $(LIB_OBJECTS) $(LDLIBS)

# The long campaign, under sanitizers: all of testdata, and every text log below
# CORPUS=DIR.
check-mutate: $(if $(CORPUS),pgtcheck $(MODULE_FILES))
	@$(MAKE) --no-print-directory $(SAN_ARGS) build-san/tests/mutate build-san/tests/mutate_any
	build-san/tests/mutate -n $(or $(ROUNDS),40) -c 4096 $(wildcard testdata/*/*/*.log)
	build-san/tests/mutate_any -n $(or $(ROUNDS),40) -c 4096 $$(tests/other_inputs.sh)
	$(if $(CORPUS),tests/mutate_corpus.sh build-san/tests/mutate $(or $(ROUNDS),40) "$(CORPUS)")

# Makes single calls fail.
$(BUILD)/tests/inject.so: tests/inject.c
	@mkdir -p $(@D)
	$(call say,LD)
	$(Q)$(CC) $(filter-out -fsanitize%,$(ALL_CFLAGS)) -Wno-missing-prototypes -fno-builtin -fPIC -shared -o $@ $<

cases: pgtcheck $(BUILD)/tests/mkcore
	tests/cases.sh

bless: pgtcheck $(BUILD)/tests/mkcore
	tests/cases.sh --bless $(CASE)

# The type engine against its plain model, and faulty engines that it must catch.
check-mmu: $(BUILD)/tests/unit_mmu
	MMU_OPS=2000000 $(BUILD)/tests/unit_mmu
	tests/check_mmu.sh

# Batch systems: GNU parallel over 2,000 logs, and a Slurm on this machine.
check-fleet: pgtcheck $(MODULE_FILES) $(BUILD)/bench/gen
	tests/fleet/parallel.sh
	tests/fleet/slurm.sh

# The Debian package: reproducible, lintian-clean, complete.
check-deb:
	tests/deb.sh

# The oracles and the expectations over a corpus folder with an EXPECT.tsv; then every
# text log in it is damaged a few times.
check-corpus: pgtcheck $(MODULE_FILES) $(BUILD)/tests/mutate
	@test -n "$(CORPUS)" || { echo "usage: make check-corpus CORPUS=DIR" >&2; exit 2; }
	tests/corpus.sh "$(CORPUS)"
	tests/mutate_corpus.sh $(BUILD)/tests/mutate $(or $(ROUNDS),10) "$(CORPUS)"

# --- fuzzing -----------------------------------------------------------------

# make fuzz T=NAME [SECONDS=60] [FUZZ_ARGS=...]: tests/fuzz_NAME.c with libFuzzer, in
# a build folder of its own, with small limits so that small inputs reach them. What
# was found new stays in build-fuzz/corpus/NAME; crash-* in build-fuzz/found.
FUZZERS := $(patsubst tests/fuzz_%.c,%,$(sort $(wildcard tests/fuzz_*.c)))
SECONDS ?= 60
MAX_LEN_elf = 1048576
MAX_LEN_vmlinux = 65536
MAX_LEN_tracedat = 65536
# What its libraries do is not ours: tests/fuzz_tracedat.c.
FUZZ_ARGS_tracedat = -fork=1 -ignore_crashes=1 -ignore_ooms=1 -ignore_timeouts=1 -malloc_limit_mb=100000
FUZZ_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all -DTEST_BUILD \
	-DREAD_BYTES=4096 -DLINE_BYTES_MAX=2048 -DMAP_SPANS_MAX=64 -DDUMPS_MAX=8 -DPOOLS_MAX=8 \
	-DINCIDENTS_MAX=16 -DAREAS_MAX=16 -DLABELS_MAX=16 -DDOMAINS_MAX=4 -DCLEAN_BOOTS_MAX=4 \
	-DFINDINGS_PER_RULE_MAX=4 -DDIAGNOSTICS_MAX=6 -DARENA_BYTES_MAX=33554432 \
	-DMMU_BYTES_MAX=67108864 -DMMU_PLACED_TABLES_MAX=8 -DMMU_MFN_LIMIT=0x1000000
FUZZ_MAKE = $(MAKE) --no-print-directory CC=clang BUILD=build-fuzz LINKED=1 CFLAGS='-O1 -g' \
	EXTRA_CFLAGS='$(FUZZ_FLAGS) -fsanitize=fuzzer-no-link'

fuzz: build-fuzz/seeds
	@test -n "$(filter $(T),$(FUZZERS))" || { echo "usage: make fuzz T=NAME; NAME is one of: $(FUZZERS)" >&2; exit 2; }
	+@$(FUZZ_MAKE) build-fuzz/fuzz/$(T)
	@mkdir -p build-fuzz/corpus/$(T) build-fuzz/found
	build-fuzz/fuzz/$(T) -max_total_time=$(SECONDS) -max_len=$(or $(MAX_LEN_$(T)),8192) -timeout=10 -rss_limit_mb=1024 \
		-dict=build-fuzz/words -artifact_prefix=build-fuzz/found/$(T)- $(FUZZ_ARGS_$(T)) $(FUZZ_ARGS) \
		build-fuzz/corpus/$(T) build-fuzz/seeds

# All targets, built only.
fuzzers:
	+@$(FUZZ_MAKE) $(FUZZERS:%=build-fuzz/fuzz/%)

$(BUILD)/fuzz/%: tests/fuzz_%.c tests/fuzz.c $(LIB_OBJECTS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< tests/fuzz.c $(LIB_OBJECTS) $(LDLIBS)

build-fuzz/seeds: tests/fuzz_seeds.sh pgtcheck $(BUILD)/tests/mkcore $(wildcard testdata/*/*)
	BUILD=$(BUILD) tests/fuzz_seeds.sh build-fuzz
	@touch $@

# --- bench -------------------------------------------------------------------

$(BUILD)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $<

bench: all $(BUILD)/bench/gen $(BUILD)/bench/gentrace $(BUILD)/bench/driver $(BUILD)/tests/mkcore
	BUILD=$(BUILD) bench/run.sh

# --- install -----------------------------------------------------------------

BASH_DIR ?= $(PREFIX)/share/bash-completion/completions
ZSH_DIR ?= $(PREFIX)/share/zsh/site-functions
FISH_DIR ?= $(PREFIX)/share/fish/vendor_completions.d

install: all $(MAN_PAGES) $(COMPLETIONS)
	$(if $(MODULE_FILES),install -d $(DESTDIR)$(LIBDIR)/pgtcheck)
	$(if $(MODULE_FILES),install -m 644 $(MODULE_FILES) $(DESTDIR)$(LIBDIR)/pgtcheck/)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 755 pgtcheck $(DESTDIR)$(PREFIX)/bin/pgtcheck
	install -m 644 man/pgtcheck.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 man/pgtcheck-formats.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 man/pgtcheck-capture.7 $(BUILD)/pgtcheck-rules.7 \
		$(DESTDIR)$(PREFIX)/share/man/man7/
	install -d $(DESTDIR)$(BASH_DIR) $(DESTDIR)$(ZSH_DIR) $(DESTDIR)$(FISH_DIR)
	install -m 644 $(BUILD)/completion.bash $(DESTDIR)$(BASH_DIR)/pgtcheck
	install -m 644 $(BUILD)/completion.zsh $(DESTDIR)$(ZSH_DIR)/_pgtcheck
	install -m 644 $(BUILD)/completion.fish $(DESTDIR)$(FISH_DIR)/pgtcheck.fish

lint:
	tests/lint.sh

help:
	@echo 'make               build ./pgtcheck'
	@echo 'make check         all tests (SAN=1: under sanitizers); last line "N passed, N failed"'
	@echo 'make cases         the golden cases of testdata/ alone'
	@echo 'make bless CASE=G/C  write what a case prints now as expected; read the diff'
	@echo 'make check-mmu     the type engine: 2,000,000 random operations against a model'
	@echo 'make check-fleet   GNU parallel and Slurm over generated logs (skipped where missing)'
	@echo 'make check-deb     the Debian package (skipped without debhelper and lintian)'
	@echo 'make check-corpus CORPUS=DIR  oracles and EXPECT.tsv over a corpus folder, and its logs damaged'
	@echo 'make check-mutate  every testdata input cut at each byte, garbled, reordered; CORPUS=DIR too'
	@echo 'make fuzz T=NAME   libFuzzer on tests/fuzz_NAME.c; SECONDS=60 FUZZ_ARGS='
	@echo 'make bench         speed as ratios measured in one run'
	@echo 'make lint          include arrows, names, style'
	@echo 'make man           the manual pages'
	@echo 'make install PREFIX= DESTDIR=, make clean'

clean:
	rm -rf build build-san build-fuzz $(BUILD) pgtcheck

FORCE:
.PHONY: all left-out check check-all cases bless check-mmu check-fleet check-deb check-corpus check-mutate fuzz fuzzers bench install completions lint help man clean FORCE
.SECONDARY:

-include $(OBJECTS:.o=.d) $(foreach m,$(MODULES),$(OBJECTS_$(m):.o=.d))
