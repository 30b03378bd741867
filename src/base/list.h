/// Intrusive doubly linked list: the node lives inside the element, so moving an element between
/// lists allocates nothing and cannot fail.
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct lun_list {
  struct lun_list *next;
  struct lun_list *previous;
} lun_list;

/// Returns the element of type `type` whose member `member` is `node`.
#define LUN_LIST_ELEMENT(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

/// Makes `list` an empty list, or `node` one that is in no list.
static inline void lun_list_init(lun_list *list) {
  list->next = list;
  list->previous = list;
}

static inline bool lun_list_is_empty(const lun_list *list) {
  return list->next == list;
}

/// Takes `node` out of the list that it is in, if any.
static inline void lun_list_remove(lun_list *node) {
  node->previous->next = node->next;
  node->next->previous = node->previous;
  lun_list_init(node);
}

static inline void lun_list_push_back(lun_list *list, lun_list *node) {
  node->next = list;
  node->previous = list->previous;
  list->previous->next = node;
  list->previous = node;
}

static inline void lun_list_push_front(lun_list *list, lun_list *node) {
  lun_list_push_back(list->next, node);
}

/// Returns the first node, NULL when the list is empty.
static inline lun_list *lun_list_first(const lun_list *list) {
  return lun_list_is_empty(list) ? NULL : list->next;
}
