/* What was observed of the C driver's calls: each account as a text, as items of a JSON array. */
#include <agglestone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char observed[65536];

static void write_view(FILE *out, const char *name, agg_view view) {
  if (view.length > 0) fprintf(out, "%s %.*s, ", name, (int)view.length, view.data);
}

static void write_attempt(FILE *out, const agg_attempt *attempt) {
  write_view(out, "attempt", attempt->method);
  write_view(out, "route", attempt->route);
  write_view(out, "error", attempt->error);
  write_view(out, "error type", attempt->error_type);
  write_view(out, "credential", attempt->credential);
  write_view(out, "fingerprint", attempt->fingerprint);
  write_view(out, "request id", attempt->request_id);
  fprintf(out, "start %lld, duration %lld, wait %lld, resends %u, status %u; ", (long long)attempt->start,
          (long long)attempt->duration, (long long)attempt->connection_wait, attempt->resends, attempt->status);
}

static void write_account(FILE *out, const agg_account *account) {
  write_view(out, "call", account->method);
  write_view(out, "route", account->route);
  write_view(out, "server", account->server_address);
  write_view(out, "error", account->error);
  write_view(out, "token", account->token);
  write_view(out, "token store", account->token_store);
  fprintf(out, "port %u, status %u, failovers %u, duration %lld; ", account->server_port, account->status,
          account->failovers, (long long)account->duration);
  for (size_t i = 0; i < account->attempt_count; i++) write_attempt(out, account->attempts[i]);
}

/* Keeps what an observation saw, and frees it. */
static void observed_to_the_end(agg_observation *observation) {
  agg_account *account = NULL;
  if (observation == NULL || agg_observation_account(observation, &account, NULL) != AGG_OK) return;
  char *text;
  size_t length, used = strlen(observed);
  FILE *out = open_memstream(&text, &length);
  write_account(out, account);
  fclose(out);
  show((agg_view){text, length});
  out = fmemopen(observed + used, sizeof observed - used, "w");
  if (used > 0) putc(',', out);
  write_text(out, text, length);
  fclose(out);
  free(text);
  agg_account_free(account);
  agg_observation_free(observation);
}

/* What was kept since the last time. */
static void print_observed(void) {
  printf("{\"ok\":[%s]}", observed);
  observed[0] = '\0';
}
