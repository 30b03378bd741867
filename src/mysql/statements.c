#include "mysql/statements.h"

#include "base/hash.h"

#include <stdlib.h>

enum { LONGEST_TEXT = 16 * 1024, FEWEST_BUCKETS = 16 };

void lun_mysql_statements_init(lun_mysql_statements *statements, uint32_t max) {
  *statements = (lun_mysql_statements){.max = max};
  lun_list_init(&statements->by_use);
}

void lun_mysql_statements_deinit(lun_mysql_statements *statements) {
  lun_mysql_statements_reset(statements);
  free(statements->buckets);
  statements->buckets = NULL;
  lun_buffer_deinit(&statements->closing);
}

static lun_mysql_statement **bucket_of(const lun_mysql_statements *statements, uint64_t hash) {
  return &statements->buckets[hash & (statements->bucket_count - 1)];
}

static lun_mysql_statement *of_node(lun_list *node) {
  return LUN_LIST_ELEMENT(node, lun_mysql_statement, node);
}

lun_mysql_statement *lun_mysql_statements_find(lun_mysql_statements *statements, lun_view text) {
  if (statements->count == 0) {
    return NULL;
  }
  lun_mysql_statement *latest = of_node(statements->by_use.next);
  if (lun_view_equal(latest->text, text)) {
    return latest;
  }
  uint64_t hash = lun_hash(text);
  lun_mysql_statement *found = *bucket_of(statements, hash);
  while (found && !(found->hash == hash && lun_view_equal(found->text, text))) {
    found = found->chain;
  }
  if (found && lun_list_first(&statements->by_use) != &found->node) {
    lun_list_remove(&found->node);
    lun_list_push_front(&statements->by_use, &found->node);
  }
  return found;
}

static lun_mysql_statement *statement_new(const lun_mysql_statements *statements, lun_view text) {
  lun_mysql_statement *statement = calloc(1, sizeof *statement + text.size);
  if (!statement) {
    return NULL;
  }
  uint8_t *copy = (uint8_t *)(statement + 1);
  if (text.size > 0) {
    memcpy(copy, text.data, text.size);
  }
  lun_list_init(&statement->node);
  statement->text = (lun_view){copy, text.size};
  statement->hash = lun_hash(text);
  statement->generation = statements->generation;
  statement->references = 1;
  return statement;
}

// The buckets are as many as the statements may become: made once, with the first one.
static bool has_buckets(lun_mysql_statements *statements) {
  if (statements->buckets) {
    return true;
  }
  uint32_t count = FEWEST_BUCKETS;
  while (count < statements->max && count < UINT32_MAX / 2) {
    count *= 2;
  }
  statements->buckets = calloc(count, sizeof(lun_mysql_statement *));
  statements->bucket_count = statements->buckets ? count : 0;
  return statements->buckets != NULL;
}

static void keep(lun_mysql_statements *statements, lun_mysql_statement *statement) {
  if (statements->count == statements->max) {
    lun_mysql_statements_forget(statements, of_node(statements->by_use.previous));
  }
  lun_mysql_statement **bucket = bucket_of(statements, statement->hash);
  statement->chain = *bucket;
  *bucket = statement;
  lun_list_push_front(&statements->by_use, &statement->node);
  statement->is_kept = true;
  statement->references++;
  statements->count++;
}

lun_mysql_statement *lun_mysql_statements_add(lun_mysql_statements *statements, lun_view text) {
  bool is_worth_keeping = statements->max > 0 && text.size <= LONGEST_TEXT;
  if (is_worth_keeping && !has_buckets(statements)) {
    return NULL;
  }
  lun_mysql_statement *statement = statement_new(statements, text);
  if (statement && is_worth_keeping) {
    keep(statements, statement);
  }
  return statement;
}

void lun_mysql_statements_forget(lun_mysql_statements *statements, lun_mysql_statement *statement) {
  if (!statement->is_kept) {
    return;
  }
  lun_mysql_statement **link = bucket_of(statements, statement->hash);
  while (*link != statement) {
    link = &(*link)->chain;
  }
  *link = statement->chain;
  lun_list_remove(&statement->node);
  statement->is_kept = false;
  statements->count--;
  lun_mysql_statements_release(statements, statement);
}

void lun_mysql_statements_release(lun_mysql_statements *statements,
                                  lun_mysql_statement *statement) {
  if (!statement || --statement->references > 0) {
    return;
  }
  if (statement->is_prepared && statement->generation == statements->generation) {
    lun_buffer_u32(&statements->closing, statement->id);
  }
  lun_metadata_release(statement->metadata);
  free(statement->error);
  free(statement);
}

void lun_mysql_statements_reset(lun_mysql_statements *statements) {
  statements->generation++;
  while (statements->count > 0) {
    lun_mysql_statements_forget(statements, of_node(lun_list_first(&statements->by_use)));
  }
  lun_buffer_clear(&statements->closing);
}

bool lun_mysql_statements_forget_idle(lun_mysql_statements *statements) {
  uint32_t before = statements->count;
  lun_list *node = statements->by_use.next;
  while (node != &statements->by_use) {
    lun_mysql_statement *statement = of_node(node);
    node = node->next;
    if (statement->references == 1) {
      lun_mysql_statements_forget(statements, statement);
    }
  }
  return statements->count < before;
}
