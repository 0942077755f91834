/* What the C driver writes as JSON: texts, and every text that it was given for people to read. */
#include <agglestone.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_text(FILE *out, const char *data, size_t length) {
  putc('"', out);
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)data[i];
    if (byte == '"' || byte == '\\')
      fprintf(out, "\\%c", byte);
    else if (byte < 0x20)
      fprintf(out, "\\u%04x", byte);
    else
      putc(byte, out);
  }
  putc('"', out);
}

/* Every text that the library gave for people to read, as items of a JSON array: what may end up in a log. */
static char *shown;
static size_t shown_length;
static pthread_mutex_t shown_mutex = PTHREAD_MUTEX_INITIALIZER;

static void show(agg_view text) {
  char *item;
  size_t length;
  FILE *out = open_memstream(&item, &length);
  write_text(out, text.data, text.length);
  putc(',', out);
  fclose(out);
  pthread_mutex_lock(&shown_mutex);
  shown = realloc(shown, shown_length + length);
  memcpy(shown + shown_length, item, length);
  shown_length += length;
  pthread_mutex_unlock(&shown_mutex);
  free(item);
}

/* What was kept since the last time. */
static void print_shown(void) {
  pthread_mutex_lock(&shown_mutex);
  printf("{\"ok\":[%.*s\"\"]}", (int)shown_length, shown == NULL ? "" : shown);
  shown_length = 0;
  pthread_mutex_unlock(&shown_mutex);
  fputs("-- shown\n", stderr);
}
