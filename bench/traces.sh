# SPDX-License-Identifier: GPL-2.0-or-later
#
# The part of bench/run.sh that is about traces of page-table operations; sourced
# there. A program that is not here is said, and its line left out.

gentrace=$(realpath "$build/bench/gentrace") || exit 3

if [ "${BENCH_QUICK:-}" = 1 ]; then
	text=200000 binary=1000000
else
	text=2000000 binary=10000000
fi

# make_trace FILE FORMAT OPERATIONS
make_trace() {
	if [ ! -s "$dir/$1" ]; then
		"$gentrace" "$2" "$3" $seed | dd bs=4M iflag=fullblock of="$dir/$1.tmp" status=none &&
			mv "$dir/$1.tmp" "$dir/$1" || exit 3
	fi
	cat "$dir/$1" >"$dir/sink"
}

stamp=$(cksum <bench/gentrace.c)
if [ "$(cat "$dir/trace-stamp" 2>/dev/null)" != "$stamp" ]; then
	rm -f "$dir"/trace-*
	echo "$stamp" >"$dir/trace-stamp"
fi
small=$((binary / 10)) large=$binary
if [ "${BENCH_LARGE:-}" = 1 ]; then
	small=5000000 large=50000000
fi
for format in xenmmu ftrace; do
	for n in $text 400000 600000; do
		make_trace trace-$format-$n.txt $format $n
	done
done
for n in 400000 600000 $binary $small $large; do
	make_trace trace-$n.mmu binary $n
done
make_trace trace-$text.xentrace xentrace $text
make_trace trace-$text.dat tracedat $text
rm -f "$dir/sink"

# Healthy, recognised, and read to the last operation.
for trace in trace-xenmmu-$text.txt:$text trace-ftrace-$text.txt: trace-$binary.mmu:$binary \
		trace-$text.xentrace:; do
	file=${trace%:*}
	"$tool" -f ndjson --inconclusive=pass "$dir/$file" >"$dir/out" 2>&1 ||
		complain "$file: exit status $?, see $dir/out"
	used=$(sed -n 's/.*"type":"file".*"lines_used":\([0-9]*\).*/\1/p' "$dir/out")
	[ -z "${trace#*:}" ] || [ "${used:-0}" -ge "${trace#*:}" ] ||
		complain "$file: ${used:-no} operations of ${trace#*:} were read"
done

# rate OPERATIONS SECONDS
rate() {
	divide "$1" "$2"
}

run="$tool -q --inconclusive=pass"
for format in ftrace xenmmu; do
	file=$dir/trace-$format-$text.txt
	if drive -r 5 "wc -l $file" "$run $file"; then
		judge G6 "$format text: throughput against wc -l" \
			"$(divide "$(field 1 1)" "$(field 2 1)" 100)" % up 20 35
		[ $format = xenmmu ] || ftrace_rate=$(rate $text "$(field 2 1)")
	fi
done

if ! command -v trace-cmd >/dev/null; then
	skip G6t "ftrace text against trace-cmd report" "no trace-cmd here"
elif drive -r 3 "trace-cmd report $dir/trace-$text.dat"; then
	judge G6t "ftrace text: times the events of trace-cmd report" \
		"$(divide "$ftrace_rate" "$(rate $text "$(field 1 1)")")" x up 10 25
fi

if drive -r 5 "$run $dir/trace-$binary.mmu" "$run $dir/trace-$text.xentrace"; then
	binary_rate=$(rate $binary "$(field 1 1)")
	xentrace_rate=$(rate $text "$(field 2 1)")
	binary_rss=$(field 1 3)
fi
if ! command -v xenalyze >/dev/null; then
	skip G7 "binary trace against xenalyze" "no xenalyze here"
elif drive -r 3 "xenalyze --dump-all $dir/trace-$text.xentrace" \
		"xenalyze -s $dir/trace-$text.xentrace" 2>"$dir/out"; then
	dump=$(rate $text "$(field 1 1)") sum=$(rate $text "$(field 2 1)")
	judge G7 "mmutrace: times the events of xenalyze --dump-all" \
		"$(divide "$binary_rate" "$dump")" x up 5 12
	judge G7 "mmutrace: times the events of xenalyze -s" "$(divide "$binary_rate" "$sum")" x up 0.5 1
	judge G7 "xentrace: times the events of xenalyze --dump-all" \
		"$(divide "$xentrace_rate" "$dump")" x up 5 12
	judge G7 "xentrace: times the events of xenalyze -s" \
		"$(divide "$xentrace_rate" "$sum")" x up 0.5 1
fi

# 4 Mi frames and some 12,992 tables: 8 (24) bytes a frame, 4 KiB a table, 8 (16) MiB.
[ -z "${binary_rss:-}" ] ||
	judge G8 "max RSS, MiB: a guest of 16 GiB" "$(divide "$binary_rss" 1024)" MiB down 163 91

if drive -r 3 "$run $dir/trace-$small.mmu" "$run $dir/trace-$large.mmu"; then
	judge G9 "mmutrace, $small to $large: growth" "$(field 2 2)" x down 12 10.5
fi

# per_event WHAT FILE FLOOR GOAL: between 400,000 and 600,000 operations, where the tables
# stand that the first ones make. `N` in the file's name is how many it has.
per_event() {
	few=$dir/$(echo "$2" | sed s/N/400000/) many=$dir/$(echo "$2" | sed s/N/600000/)
	if [ ! "$have_valgrind" ]; then
		skip G10 "instructions $1" "no valgrind here"
	elif one=$(instructions "$few") && five=$(instructions "$many"); then
		judge G10 "instructions $1" "$(divide $((five - one)) 200000)" "" down "$3" "$4"
	else
		complain "callgrind failed"
	fi
}
per_event "an ftrace event" trace-ftrace-N.txt 500 330
per_event "a xenmmu event" trace-xenmmu-N.txt 500 330
per_event "an mmutrace event" trace-N.mmu 300 180
