/* The `dotnet` command of the runtime that xtask lays out under target/dotnet, where no SDK brings one.
   It hands its arguments to the runtime's own host library; HOSTFXR is that library's path below the folder of this program.
   Link it with libm even though nothing here needs it: the runtime's compression library takes log2 from the process. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*host_main)(int argc, const char **argv, const char *host, const char *root, const char *app);

int main(int argc, const char **argv) {
  char host[PATH_MAX], root[PATH_MAX], app[PATH_MAX + 4], library[PATH_MAX + sizeof HOSTFXR];
  ssize_t length = readlink("/proc/self/exe", host, sizeof host - 1);
  if (length <= 0) {
    perror("/proc/self/exe");
    return EXIT_FAILURE;
  }
  host[length] = '\0';
  memcpy(root, host, (size_t)length + 1);
  *strrchr(root, '/') = '\0';
  snprintf(app, sizeof app, "%s.dll", host);
  snprintf(library, sizeof library, "%s/" HOSTFXR, root);

  void *loaded = dlopen(library, RTLD_LAZY);
  host_main run = loaded ? (host_main)dlsym(loaded, "hostfxr_main_startupinfo") : NULL;
  if (!run) {
    fprintf(stderr, "%s\n", dlerror());
    return EXIT_FAILURE;
  }
  return run(argc, argv, host, root, app);
}
