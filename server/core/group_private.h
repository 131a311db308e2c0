/* What making a group and reading it again share. */
#ifndef ICD_CORE_GROUP_PRIVATE_H
#define ICD_CORE_GROUP_PRIVATE_H

#include "core/group.h"

enum { ICD_TREE_MAX = 16 << 20, ICD_GROUP_INFO_MAX = 1 << 20 };

/* Empty; NULL without memory. */
struct icd_group *icd_group_new(void);
/* IC_ERR_RANGE. */
ic_err icd_group_take_id(struct icd_group *g, struct ic_view id);
size_t icd_group_count_members(const struct icd_group *g);
/* Who came by this commit, and how many are in the group after it: before its merge. */
void icd_group_count_change(struct icd_group *g, const struct ic_mlspub_change *change);

#endif
