/* What every program in C takes and prints; benches/src/measure.rs says it. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static struct {
  const char *way;
  long calls, at_once, warm_up;
} work;

static inline void read_work(int count, char **arguments) {
  if (count != 5) {
    fprintf(stderr, "usage: WAY CALLS AT_ONCE WARM_UP\n");
    exit(2);
  }
  work.way = arguments[1];
  work.calls = atol(arguments[2]);
  work.at_once = atol(arguments[3]);
  work.warm_up = atol(arguments[4]);
}

static inline long page_size(void) {
  const char *size = getenv("BENCH_PAGE_SIZE");
  return size == NULL ? 10 : atol(size);
}

static inline long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline long long cpu_ns(const struct rusage *usage) {
  long long seconds = (long long)usage->ru_utime.tv_sec + usage->ru_stime.tv_sec;
  long long micros = (long long)usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
  return seconds * 1000000000LL + micros * 1000LL;
}

static inline void measure(void (*run)(long calls)) {
  struct rusage before = {0}, after;
  if (work.warm_up > 0) {
    run(work.warm_up);
    getrusage(RUSAGE_SELF, &before);
  }
  long long start = now_ns();
  run(work.calls);
  long long wall = now_ns() - start;
  getrusage(RUSAGE_SELF, &after);
  printf("{\"wallNs\":%lld,\"cpuNs\":%lld,\"peakKb\":%ld}\n", wall, cpu_ns(&after) - cpu_ns(&before), after.ru_maxrss);
}

/* Lets threads share the calls: `share` is told through a pointer how many are its own. */
static inline void in_threads(long calls, void *(*share)(void *calls)) {
  pthread_t *threads = calloc((size_t)work.at_once, sizeof *threads);
  long *shares = calloc((size_t)work.at_once, sizeof *shares);
  for (long index = 0; index < work.at_once; index++) {
    shares[index] = calls / work.at_once + (index < calls % work.at_once ? 1 : 0);
    if (pthread_create(&threads[index], NULL, share, &shares[index]) != 0) exit(1);
  }
  for (long index = 0; index < work.at_once; index++) pthread_join(threads[index], NULL);
  free(shares);
  free(threads);
}

#endif
