/* What is left of a key in the memory of the process once its client is gone. */
#define _DEFAULT_SOURCE
#include "support.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LENGTH 32
#define MASK 0x55
#define PIECE (1 << 20)

/* The key, masked: what is searched for must not be found here. */
static unsigned char masked[LENGTH];

static void make_key(void) {
  srandom((unsigned)getpid());
  for (int i = 0; i < LENGTH; i++) masked[i] = (unsigned char)('a' + random() % 26) ^ MASK;
}

static int is_key(const unsigned char *bytes) {
  int i = 0;
  while (i < LENGTH && (bytes[i] ^ MASK) == masked[i]) i++;
  return i == LENGTH;
}

/* How often the key is in one mapping. */
static int count_in(int memory, uintptr_t at, uintptr_t end, unsigned char *piece) {
  int found = 0;
  while (at < end) {
    size_t wanted = end - at < PIECE ? end - at : PIECE;
    ssize_t got = pread(memory, piece, wanted, (off_t)at);
    if (got < LENGTH) break;
    for (ssize_t i = 0; i + LENGTH <= got; i++) {
      int is_own = at + (uintptr_t)i >= (uintptr_t)piece && at + (uintptr_t)i < (uintptr_t)piece + PIECE;
      found += !is_own && is_key(piece + i);
    }
    /* One that lies across two pieces is seen in the second. */
    at += (uintptr_t)got == end - at ? (uintptr_t)got : (uintptr_t)got - LENGTH + 1;
  }
  return found;
}

static int count_keys(void) {
  static unsigned char piece[PIECE];
  int found = 0;
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  int memory = open("/proc/self/mem", O_RDONLY);
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    uintptr_t at = 0, end = 0;
    char rights[5] = "";
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &at, &end, rights) == 3 && rights[0] == 'r' && strstr(line, "[v") == NULL)
      found += count_in(memory, at, end, piece);
  }
  if (maps != NULL) fclose(maps);
  if (memory >= 0) close(memory);
  return found;
}

static agg_client *client_with_key(void) {
  char key[LENGTH + 1] = "";
  for (int i = 0; i < LENGTH; i++) key[i] = (char)(masked[i] ^ MASK);
  agg_client *client = new_client(key, 5.0);
  for (volatile char *at = key; at < key + sizeof key; at++) *at = '\0';
  return client;
}

static void a_client_that_is_gone_leaves_no_key(void) {
  agg_client *client = client_with_key();
  CHECK(count_keys() > 0);
  agg_client_free(client);
  CHECK(count_keys() == 0);
}

/* The HTTP library does not wipe the buffer in which a connection's last request was. */
static void a_client_that_called_leaves_one_for_its_connection(void) {
  agg_client *client = client_with_key();
  agg_operation *operation = NULL;
  CHECK(agg_operation_get_users(1, 10, &operation, NULL) == AGG_OK);
  for (int i = 0; i < 20; i++) {
    agg_reply *reply = NULL;
    agg_error *error = NULL;
    CHECK(agg_client_call(client, operation, &reply, &error) == AGG_UNAUTHORIZED);
    agg_error_free(error);
  }
  agg_operation_free(operation);
  agg_client_free(client);
  CHECK(count_keys() <= 1);
}

int main(void) {
  make_key();
  /* Where memory is watched, what was freed stays, and more slowly than this can be searched. */
  if (getenv("AGG_TEST_SLOW") == NULL && access("/proc/self/mem", R_OK) == 0) {
    RUN(a_client_that_is_gone_leaves_no_key);
    RUN(a_client_that_called_leaves_one_for_its_connection);
  }
  return finish();
}
