/* Put before the C library of a driver on Linux: what sleep, or a calendar that somebody sets, does to a program's clocks.
   The file named by CONFORMANCE_CLOCKS holds two numbers, in seconds: how long the machine has slept, which the monotonic
   clock does not count, and by how much the calendar was set. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *seconds;

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("CONFORMANCE_CLOCKS");
  int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *map = mmap(NULL, 2 * sizeof *seconds, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (map != MAP_FAILED) seconds = map;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result != 0 || seconds == NULL) return result;
  int is_calendar = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (is_calendar || clock == CLOCK_BOOTTIME) time->tv_sec += seconds[0];
  if (is_calendar) time->tv_sec += seconds[1];
  return result;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  result->tv_sec = now.tv_sec;
  result->tv_usec = now.tv_nsec / 1000;
  return 0;
}
