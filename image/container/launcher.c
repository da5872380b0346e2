/*
 * /node-cache: becomes Node with our flags, so that manifests may say `args: [-localip, …]` and
 * `command: [/node-cache, …]` as they do for k8s-dns-node-cache. One execve, no fork: signals and exit codes are Node's.
 * Flags and variables are image/container/README.md's table; an operator's own NODE_OPTIONS are read by Node, too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *const FLAGS[] = {
    "--disable-sigusr1",       /* SIGUSR1 means reload, not debugger. */
    "--max-semi-space-size=1", /* MB. Nothing is made per hit; what is made elsewhere dies at once. */
    "--no-maglev",             /* The middle compiler's memory is not given back, and hits are not faster with it. */
};
enum { FLAG_COUNT = sizeof FLAGS / sizeof *FLAGS };

static char NODE[] = "/usr/bin/node";
static char MAIN[] = "/usr/lib/node-cache/main.js";

int main(int count, char **words) {
    char **command = calloc((size_t)count + FLAG_COUNT + 3, sizeof *command);
    if (command == NULL) return 1;
    size_t length = 0;
    command[length++] = NODE;
    for (int i = 0; i < FLAG_COUNT; i++) command[length++] = FLAGS[i];
    command[length++] = MAIN;
    for (int i = 1; i < count; i++) command[length++] = words[i];
    /* glibc gives each thread an arena of its own, up to 8 per core; Node starts about ten threads. */
    setenv("MALLOC_ARENA_MAX", "2", 0);
    /* What compilers leave behind goes back to the kernel; glibc's own threshold grows with the largest block freed. */
    setenv("MALLOC_TRIM_THRESHOLD_", "131072", 0);
    /* libuv's pool reads files and resolves names, seldom; its default is 4. */
    setenv("UV_THREADPOOL_SIZE", "2", 0);
    execv(NODE, command);
    fprintf(stderr, "node-cache: could not start %s: %s; the image is incomplete, pull it again\n", NODE, strerror(errno));
    return 1;
}
