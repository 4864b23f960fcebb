/* Laid under a process (LD_PRELOAD): its wall clock is moved, and its disk made to hang, by what stands in a small file.

   The file that IVR_SHIM names holds two 64-bit numbers: by how many seconds the wall clock is off, and whether a sync
   waits (1) or not (0). Both may change while the process runs. Monotonic clocks are left alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct wish {
    volatile int64_t seconds;
    volatile int64_t hangs;
};

static struct wish *wish;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("IVR_SHIM");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, sizeof *wish, PROT_READ, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) wish = found;
    close(file);
}

static int is_wall(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(clock, now);
    if (done == 0 && wish && is_wall(clock)) now->tv_sec += wish->seconds;
    return done;
}

int gettimeofday(struct timeval *now, void *zone) {
    static int (*real)(struct timeval *, void *);
    if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
    int done = real(now, zone);
    if (done == 0 && wish) now->tv_sec += wish->seconds;
    return done;
}

time_t time(time_t *into) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into) *into = now.tv_sec;
    return now.tv_sec;
}

static void hang(void) {
    while (wish && wish->hangs) usleep(10000);
}

int fdatasync(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
    hang();
    return real(file);
}

int fsync(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    hang();
    return real(file);
}
