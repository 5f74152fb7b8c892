/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/given.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/run.h"
#include "formats/module.h"
#include "formats/modules/elf/elf.h"
#include "formats/modules/xml/xml.h"
#include "formats/spool.h"

/* A large kernel's symbols take 20 MiB. */
#define GIVEN_BYTES_MAX (1024ull * 1024 * 1024)

static _Noreturn void out_of_memory(void *context)
{
	(void)context;
	fputs("pgtcheck: out of memory\n", stderr);
	_exit(status_code(EXIT_TROUBLE));
}

static enum status refuse(FILE *errors, const char *option, const char *path, const char *trouble)
{
	fprintf(errors, "pgtcheck: --%s: %s: %s\n", option, path, trouble);
	return ST_IO;
}

/* --- opening --------------------------------------------------------------- */

static bool is_folder(const char *path)
{
	struct stat about;

	return !stat(path, &about) && S_ISDIR(about.st_mode);
}

static bool open_image(struct given *given, const char *path, const char **trouble)
{
	given->elf = module_load("elf", trouble);
	if (!given->elf)
		return false;
	if (is_folder(path)) {
		given->folder = path;
		return true;
	}
	given->image_fd = spool_whole(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
	*trouble = strerror(errno);
	return given->image_fd >= 0;
}

/* Its bytes are fetched here: they are few, and a pipe has them once. One more than may be
 * tells that there are too many. */
static bool open_description(struct given *given, const char *path, const char **trouble)
{
	FILE *in;

	given->xml = module_load("xml", trouble);
	if (!given->xml)
		return false;
	in = fopen(path, "re");
	if (!in) {
		*trouble = strerror(errno);
		return false;
	}
	given->words = arena_alloc(&given->arena, DOMAIN_XML_BYTES_MAX + 1);
	given->words_bytes = fread(given->words, 1, DOMAIN_XML_BYTES_MAX + 1, in);
	*trouble = ferror(in) ? strerror(errno ? errno : EIO) : NULL;
	fclose(in);
	return !*trouble;
}

enum status given_open(struct given **result, const struct options *options, FILE *errors)
{
	const char *trouble = NULL;
	struct given *given;

	*result = NULL;
	if (!options->vmlinux && !options->domain_xml)
		return ST_OK;
	given = *result = calloc(1, sizeof(*given));
	if (!given)
		return ST_MEMORY;
	given->options = options;
	given->image_fd = -1;
	arena_init(&given->arena, GIVEN_BYTES_MAX, out_of_memory, NULL);
	if (options->vmlinux && !open_image(given, options->vmlinux, &trouble))
		return refuse(errors, "vmlinux", options->vmlinux, trouble);
	if (options->domain_xml && !open_description(given, options->domain_xml, &trouble))
		return refuse(errors, "domain-xml", options->domain_xml, trouble);
	return ST_OK;
}

void given_close(struct given *given)
{
	if (!given)
		return;
	if (given->image_fd >= 0)
		close(given->image_fd);
	arena_release(&given->arena);
	free(given);
}

/* --- reading --------------------------------------------------------------- */

static const char *fails(struct given *given, const char *option, const char *path,
			 const char *why)
{
	return arena_printf(&given->arena, "--%s: %s: %s", option, path, why);
}

static const char *read_image(struct given *given)
{
	const char *path = given->options->vmlinux, *why = NULL;
	int fd = given->image_fd;

	given->image_fd = -1;
	given->image = given->elf->image_read(fd, path, &given->arena, &why);
	return given->image ? NULL : fails(given, "vmlinux", path, why);
}

static const char *read_description(struct given *given)
{
	struct domain_description *told = ARENA_NEW(&given->arena, struct domain_description);
	const char *why = NULL;

	if (!given->xml->domain_read((struct text){ given->words, given->words_bytes }, told,
				     &given->arena, &why))
		return fails(given, "domain-xml", given->options->domain_xml, why);
	given->domain = told;
	return NULL;
}

const char *given_read(struct given *given)
{
	if (!given)
		return NULL;
	if (!given->is_read && given->image_fd >= 0)
		given->trouble = read_image(given);
	if (!given->is_read && !given->trouble && given->words)
		given->trouble = read_description(given);
	given->is_read = true;
	return given->trouble;
}

/* --- the image of a boot ------------------------------------------------------ */

/* Is the image that of the kernel which announced itself as `version`? */
static bool image_fits(const struct kernel_image *image, struct text version)
{
	/* A .debug file has no banner: it is taken for what the user says it is. */
	return image && (!image->version || text_equal(text_of(image->version), version));
}

/* Looked into once: boots of one kernel are many. */
struct folder_image {
	const char *release;
	const struct kernel_image *image;   /* NULL: what has the name is none */
	struct folder_image *next;
};

/* By the names under which the image of a release is installed; NULL: there is none. */
static const struct kernel_image *look_in_folder(struct given *given, struct text release)
{
	static const char *const names[] = { "%s/vmlinux-%.*s", "%s/vmlinux-%.*s.debug",
					     "%s/vmlinuz-%.*s" };
	struct arena_mark mark = arena_mark(&given->arena);
	const struct kernel_image *image = NULL;
	struct folder_image *found;
	const char *trouble;
	bool is_there = false;

	for (found = given->found; found; found = found->next)
		if (text_equal(text_of(found->release), release))
			return found->image;
	if (memchr(release.at, '/', release.length))
		return NULL;   /* a log says no path */
	for (size_t i = 0; i < ARRAY_LEN(names) && !image; i++) {
		const char *path;

		arena_rewind(&given->arena, mark);
		path = arena_printf(&given->arena, names[i], given->folder, TEXT_ARG(release));
		if (access(path, R_OK))
			continue;
		is_there = true;
		image = given->elf->image_open(path, &given->arena, &trouble);
	}
	if (!image)
		arena_rewind(&given->arena, mark);
	if (!is_there)
		return NULL;
	found = ARENA_NEW(&given->arena, struct folder_image);
	*found = (struct folder_image){ arena_copy(&given->arena, release), image, given->found };
	given->found = found;
	return image;
}

/* The virtual address of the guest's physical address 0. */
static uint64_t physical_zero(const struct kernel_image *image)
{
	if (image->virt_base != UINT64_MAX)
		return image->virt_base;
	/* A .debug file may have lost the other. */
	if (image->segment_virtual != UINT64_MAX && image->segment_physical)
		return image->segment_virtual - image->segment_physical;
	return KERNEL_IMAGE_BASE;
}

/* Where Xen puts the first segment by the image's notes; an image that is linked for
 * another address does not run there.
 * Source: Xen common/libelf/libelf-dominfo.c, elf_xen_addr_calc_check(): PADDR_OFFSET is 0
 * when it is not told. */
static uint64_t put_by_xen(const struct kernel_image *image)
{
	uint64_t offset = image->paddr_offset == UINT64_MAX ? 0 : image->paddr_offset;

	if (image->virt_base == UINT64_MAX || image->segment_virtual == UINT64_MAX ||
	    !image->segment_physical)
		return image->segment_virtual;
	return image->segment_physical - offset + image->virt_base;
}

/* Where an address of the image lies in memory, when the image lies where it was linked;
 * empty: that is not known. */
static struct paddr_range physical(const struct kernel_image *image, struct vaddr_range where)
{
	uint64_t zero = physical_zero(image);

	if (vaddr_range_empty(where) || where.start.n < zero ||
	    put_by_xen(image) != image->segment_virtual)
		return paddr_range(0, 0);
	return paddr_range(where.start.n - zero, where.end.n - zero);
}

/* EV_IMAGE_GIVEN, at the line of the kernel's announcement. */
static struct event image_event(const struct kernel_image *image, const struct event *started)
{
	struct vaddr_range kernel = image->image;
	struct event event = *started;

	if (!vaddr_range_empty(image->brk))
		kernel.end = image->brk.start;
	event.kind = EV_IMAGE_GIVEN;
	event.u.image.kernel = physical(image, kernel);
	event.u.image.brk = physical(image, image->brk);
	event.u.image.symbols = image->symbols != NULL;
	event.u.image.init_p2m = image->init_p2m == UINT64_MAX ? 0 : image->init_p2m;
	event.u.image.features = image->features;
	return event;
}

/* The function that holds an address which the kernel printed; no words when none does,
 * or when it is not known how far the kernel was moved. */
static struct text function_at(const struct kernel_image *image, const struct replay *replay,
			       uint64_t address)
{
	const char *name = NULL;
	uint64_t offset, size, moved;

	if (replay_image_offset(replay, &moved))
		name = image->name_of(image, address - moved, &offset, &size);
	return name ? text_of(name) : (struct text){ NULL, 0 };
}

/* A caller as a kernel without kallsyms prints it: "0xffffffff81000010" is that function,
 * and anything else what it was. */
static struct text caller_at(const struct kernel_image *image, const struct replay *replay,
			     struct text label)
{
	uint64_t address = 0;
	struct text name;

	if (label.length <= 2 || label.length > 18 || !text_begins(label, TEXT("0x")))
		return label;
	for (size_t i = 2; i < label.length; i++) {
		char c = label.at[i];

		if (!isxdigit((unsigned char)c))
			return label;
		address = address << 4 | (uint64_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	name = function_at(image, replay, address);
	return name.length ? name : label;
}

/* Gives what is named by its address alone its function's name. */
static void name_addresses(const struct kernel_image *image, const struct replay *replay,
			   struct event *event)
{
	switch (event->kind) {
	case EV_FAULT_DETAIL:
		if (event->u.detail.what == DETAIL_RIP && !event->u.detail.words.length)
			event->u.detail.words = function_at(image, replay, event->u.detail.number);
		break;
	case EV_RANGE_RESERVED:
	case EV_RANGE_RELEASED:
	case EV_MEMORY_ADDED:
	case EV_MEMORY_REMOVED:
	case EV_RANGE_ABSURD:
		if (event->u.range.by_caller)
			event_set_range(event, event->u.range.bytes,
					caller_at(image, replay, event->u.range.label), true);
		break;
	case EV_ALLOC_REQUESTED:
		event->u.request.label = caller_at(image, replay, event->u.request.label);
		break;
	default:
		break;
	}
}

/* A panicking kernel tells that at its end. When *event does, and the last fault's RIP has
 * no name, *event becomes the FAULT_DETAIL that gives it one. */
static bool name_last_rip(const struct kernel_image *image, const struct replay *replay,
			  struct event *event)
{
	const struct fault_record *fault = replay->faults.count ?
		&replay->faults.items[replay->faults.count - 1] : NULL;

	if (event->kind != EV_KERNEL_MOVED || !fault || !fault->has_rip || *fault->rip_symbol)
		return false;
	event->kind = EV_FAULT_DETAIL;
	event->u.detail.what = DETAIL_RIP;
	event->u.detail.number = fault->rip;
	event->u.detail.words = (struct text){ NULL, 0 };
	name_addresses(image, replay, event);
	return event->u.detail.words.length > 0;
}

/* A kernel announced itself. The image counts for boots of its very kernel. */
static enum status take_kernel(struct run *run, struct guest *guest, const struct event *event)
{
	struct given *given = run->given;
	struct text words = event->u.kernel.words;
	const struct kernel_image *image = run->reader.image;
	struct event told;

	if (!image && given->folder)
		image = look_in_folder(given, words);
	else if (!image)
		return ST_OK;   /* it is not that of the dump, which was told */

	if (image_fits(image, words)) {
		guest->image = image;
		if (put_by_xen(image) != image->segment_virtual)
			reader_diagnose(&run->reader, event->at, "by its notes Xen puts the image of "
					"--vmlinux at 0x%llx, and it is linked for 0x%llx: where its "
					"parts lie is not known",
					(unsigned long long)put_by_xen(image),
					(unsigned long long)image->segment_virtual);
		told = image_event(image, event);
		return judge_event(&guest->judge, &told);
	}
	reader_diagnose(&run->reader, event->at, "the kernel of this boot is %.*s, %s%s",
			TEXT_ARG(words), image ? "that of --vmlinux is " :
			"and the folder of --vmlinux has no image of that name",
			image ? image->version : "");
	return ST_OK;
}

enum status given_judge(struct run *run, struct guest *guest, const struct event *event)
{
	const struct replay *replay = &guest->judge.replay;
	struct event named = *event;
	enum status status;

	if (!run->given->elf)
		return judge_event(&guest->judge, event);
	if (guest->image)
		name_addresses(guest->image, replay, &named);
	status = judge_event(&guest->judge, &named);
	if (status != ST_OK)
		return status;
	if (event->kind == EV_KERNEL_STARTED && !guest->image)
		return take_kernel(run, guest, event);
	named = *event;
	if (guest->image && name_last_rip(guest->image, replay, &named))
		status = judge_event(&guest->judge, &named);
	return status;
}
