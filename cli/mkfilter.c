/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 *   mkfilter ARCHITECTURE     writes the sandbox's filters of system calls as C
 *
 * libseccomp compiles the lists below while pgtcheck is built, so that a run needs
 * neither the library nor the time. What is not listed fails with EPERM: a library's
 * surprise is then an error that it handles, and no dead process.
 *
 * Source: seccomp_export_bpf(3), libseccomp 2.5. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* Reads and writes what is open, asks for memory, waits, ends. */
static const char *const allowed[] = {
	"read", "pread64", "readv", "write", "writev", "pwrite64", "lseek", "_llseek", "close",
	"dup", "memfd_create", "ftruncate", "ftruncate64", "fsync", "fdatasync", "fadvise64", "fadvise64_64",
	"arm_fadvise64_64", "fstat", "fstat64", "poll", "ppoll", "ppoll_time64", "recvmsg",
	"brk", "munmap", "mremap", "madvise",
	"futex", "futex_time64", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "restart_syscall",
	"clock_gettime", "clock_gettime64", "getpid", "gettid", "getrandom", "sysinfo",
	"exit", "exit_group",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void must(int failed, const char *what)
{
	if (!failed)
		return;
	fprintf(stderr, "mkfilter: %s: %d\n", what, failed);
	exit(1);
}

static int number(const char *name)
{
	return seccomp_syscall_resolve_name(name);
}

static void allow(scmp_filter_ctx filter, const char *name, struct scmp_arg_cmp argument)
{
	must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number(name), 1, argument), name);
}

/* READS: files may be opened for reading; which ones, Landlock decides. ASKS: what is open
 * may be sent through a socket that is. */
enum { READS = 1, ASKS = 2, VARIANTS = 4 };

static void allow_reading(scmp_filter_ctx filter)
{
	static const char *const calls[] = { "access", "faccessat", "faccessat2", "getdents64" };

	for (size_t i = 0; i < COUNT(calls); i++)
		must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number(calls[i]), 0), calls[i]);
	allow(filter, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC,
					O_RDONLY));
}

static scmp_filter_ctx make(uint32_t architecture, int variant)
{
	const unsigned thread = CLONE_VM | CLONE_THREAD;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	must(!filter, "seccomp_init");
	if (architecture != seccomp_arch_native()) {
		must(seccomp_arch_remove(filter, SCMP_ARCH_NATIVE), "seccomp_arch_remove");
		must(seccomp_arch_add(filter, architecture), "seccomp_arch_add");
	}
	/* Not 2, a tree: it is longer, and a run takes more time to load it than to use it. */
	must(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 1), "optimize");
	for (size_t i = 0; i < COUNT(allowed); i++)
		must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number(allowed[i]), 0), allowed[i]);
	/* Memory that is written never runs. */
	allow(filter, "mmap", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	allow(filter, "mmap2", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	allow(filter, "mprotect", SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* A thread, not a process. The C library tries clone3 first, whose flags a
	 * filter cannot see, and clone when there is none. */
	allow(filter, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
	must(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number("clone3"), 0), "clone3");
	/* Is it a terminal? TIOCSTI would type into it. */
	allow(filter, "ioctl", SCMP_A1(SCMP_CMP_EQ, TCGETS));
	allow(filter, "fcntl", SCMP_A1(SCMP_CMP_EQ, F_GETFL));
	allow(filter, "fcntl64", SCMP_A1(SCMP_CMP_EQ, F_GETFL));
	/* fstat() of newer C libraries. */
	allow(filter, "newfstatat", SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	/* Its own limits alone. */
	allow(filter, "prlimit64", SCMP_A0(SCMP_CMP_EQ, 0));
	if (variant & READS)
		allow_reading(filter);
	if (variant & ASKS)
		must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number("sendmsg"), 0), "sendmsg");
	return filter;
}

static void print(scmp_filter_ctx filter, int variant)
{
	struct sock_filter code[1024];
	FILE *file = tmpfile();
	size_t count;

	must(!file, "tmpfile");
	must(seccomp_export_bpf(filter, fileno(file)), "seccomp_export_bpf");
	rewind(file);
	count = fread(code, sizeof(code[0]), COUNT(code), file);
	must(!count || count == COUNT(code), "too long");
	printf("static const struct sock_filter filter_%d[] = {\n", variant);
	/* A kernel tries out for each of 900 calls whether a new filter lets it pass, to know
	 * it later. It gives up where a filter looks at an argument, and a run makes too
	 * few calls to gain by it.
	 * Source: Linux kernel/seccomp.c, seccomp_is_const_allow(), 5.11. */
	printf("\tBPF_STMT(BPF_LD | BPF_W | BPF_ABS, %zu),\n", offsetof(struct seccomp_data, args));
	for (size_t i = 0; i < count; i++)
		printf("\t{ 0x%04x, %u, %u, 0x%08x },\n", code[i].code, code[i].jt, code[i].jf,
		       code[i].k);
	printf("};\n");
	fclose(file);
	seccomp_release(filter);
}

int main(int argc, char **argv)
{
	uint32_t architecture = argc > 1 ? seccomp_arch_resolve_name(argv[1]) : 0;

	if (!architecture)
		architecture = seccomp_arch_native();
	printf("/* Written by cli/mkfilter.c. */\n");
	for (int variant = 0; variant < VARIANTS; variant++)
		print(make(architecture, variant), variant);
	printf("static const struct sock_fprog filters[] = {\n");
	for (int variant = 0; variant < VARIANTS; variant++)
		printf("\t{ ARRAY_LEN(filter_%d), (struct sock_filter *)filter_%d },\n", variant,
		       variant);
	printf("};\n#define FILTER_READS %d\n#define FILTER_ASKS %d\n", READS, ASKS);
	return fflush(stdout) ? 1 : 0;
}
