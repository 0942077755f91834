/* What the C and C++ test programs share: checks that count, and a client for the emulator of this run. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <agglestone.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Fails the running test when the condition does not hold, and goes on. */
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
void check(bool holds, const char *condition, const char *file, int line);

/* Runs a test, prints `ok NAME` or `not ok NAME`, and checks that it left no handle behind. */
#define RUN(test) run_test(#test, test)
void run_test(const char *name, void (*test)(void));

/* The exit code of the program: 0 when every test passed. */
int finish(void);

/* A configuration for the emulator, to be freed; NULL names the default (the primary key). */
agg_config *new_config(const char *api_key);

/* A client for the emulator; NULL names the default (the primary key). */
agg_client *new_client(const char *api_key, double timeout_seconds);

/* Whether a view holds exactly this text, or contains it. */
bool is_text(agg_view view, const char *text);
bool contains(agg_view view, const char *text);

/* A variable that the test command sets; ends the program when it is missing. */
const char *environment(const char *name);

/* The emulator's control API under /_emulator/: `body` may be NULL. Returns the HTTP status. */
int control(const char *method, const char *path, const char *body);

/* Generates a key in a slot, "primary" or "secondary": the old one is dead at once. Valid until the next call. */
const char *generate_key(const char *slot);

/* How often a text occurs in the emulator's journal of the test so far. */
int count_requests(const char *text);

/* Waits a moment, for what other threads do meanwhile. */
void pause_ms(long milliseconds);

/* A user id that the emulator always has. */
extern const char *const KNOWN_USER;

#ifdef __cplusplus
}
#endif

#endif
