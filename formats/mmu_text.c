/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/mmu_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/base.h"

struct words {
	char *into;
	size_t room;
	int length;
};

static void PRINTF_LIKE(2, 3) add(struct words *words, const char *format, ...)
{
	size_t used = (size_t)words->length < words->room ? (size_t)words->length : words->room;
	va_list args;

	va_start(args, format);
	words->length += vsnprintf(words->into + used, words->room - used, format, args);
	va_end(args);
}

static void add_answer(struct words *words, const struct mmu_op *op)
{
	if (op->foreign && op->foreign != DOMID_SELF_WORD)
		add(words, " dom=0x%x", op->foreign);
	if (op->verdict != MMU_VERDICT_UNKNOWN)
		add(words, " ret=%d", op->verdict);
}

static void add_slot(struct words *words, const char *name, const struct mmu_op *op)
{
	if (op->has_ptr)
		add(words, " %s=0x%" PRIx64, name, op->ptr);
	add(words, " val=0x%" PRIx64, op->val);
}

static void add_frame(struct words *words, const struct mmu_op *op)
{
	if (op->pfn.n != MMU_NO_FRAME)
		add(words, " pfn=0x%" PRIx64, op->pfn.n);
	if (op->mfn.n != MMU_NO_FRAME)
		add(words, " mfn=0x%" PRIx64, op->mfn.n);
}

static void add_table(struct words *words, const char *verb, const struct mmu_op *op)
{
	add(words, "%s", verb);
	if (op->level)
		add(words, " L%u", op->level);
	add_frame(words, op);
	if (op->pinned)
		add(words, " pinned");
}

int mmu_text(const struct mmu_op *op, char *into, size_t room)
{
	struct words words = { into, room, 0 };

	switch (op->kind) {
	case MMU_UPDATE:
		add(&words, "mmu_update");
		if (op->has_ptr)
			add(&words, " ptr=0x%" PRIx64, op->ptr | (unsigned)op->command);
		add(&words, " val=0x%" PRIx64, op->val);
		add_answer(&words, op);
		break;
	case MMU_MACHPHYS:
		add(&words, "mmu_update machphys");
		add_frame(&words, op);
		add_answer(&words, op);
		break;
	case MMU_VA_MAPPING:
		add(&words, "update_va_mapping");
		add_slot(&words, "va", op);
		add(&words, " flags=0x%x", op->flags);
		add_answer(&words, op);
		break;
	case MMU_PIN:
		add(&words, "mmuext_op PIN_L%u_TABLE", op->level);
		add_frame(&words, op);
		add_answer(&words, op);
		break;
	case MMU_UNPIN:
		add(&words, "mmuext_op UNPIN_TABLE");
		add_frame(&words, op);
		add_answer(&words, op);
		break;
	case MMU_NEW_BASE:
	case MMU_NEW_USER_BASE:
		add(&words, "mmuext_op NEW_%sBASEPTR", op->kind == MMU_NEW_BASE ? "" : "USER_");
		add_frame(&words, op);
		add_answer(&words, op);
		break;
	case MMU_PTWR:
		add(&words, "ptwr_emulation");
		add_slot(&words, "va", op);
		break;
	case MMU_STORE:
		add(&words, op->init_phase ? "set_pte_init" : "set_pte");
		add_slot(&words, "ptep", op);
		break;
	case MMU_TABLE_TAKEN:
		add_table(&words, "table taken", op);
		break;
	case MMU_TABLE_DROPPED:
		add_table(&words, "table dropped", op);
		break;
	case MMU_P2M:
		add(&words, "p2m");
		add_frame(&words, op);
		break;
	case MMU_OPS_LOST:
		if (op->flags)
			add(&words, "%u operations are not in the trace", op->flags);
		else
			add(&words, "operations are not in the trace");
		break;
	case MMU_OP_COUNT:
		break;
	}
	return words.length;
}
