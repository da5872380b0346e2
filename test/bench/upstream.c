// The quickest upstream we can think of, so that a bench of misses measures the cache and not its upstream: answers every
// question that comes over TCP with one A record (TTL 3600), names that begin with nx with NXDOMAIN and an SOA record; all
// frames of a read in one write.
// usage: upstream PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 65536, CONNECTIONS_MAX = 4096, ADDRESS_BYTES = 16, SOA_BYTES = 33, NXDOMAIN = 3 };

struct connection {
  int fd;
  size_t used;
  unsigned char in[READ_BYTES];
};

static unsigned char out[READ_BYTES * 3]; // The shortest question with its frame is 19 bytes, its denial 52.
static const unsigned char address[ADDRESS_BYTES] = {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 10, 0, 0, 1};
// Of the root: names, serial, refresh, retry, expire, minimum (3600 s, so that a cache keeps the denial as long).
static const unsigned char soa[SOA_BYTES] = {0, 0, 6, 0, 1, 0, 0, 0x0e, 0x10, 0, 22, 0, 0, 0, 0, 0, 1,
                                             0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0x0e, 0x10};

// Answer all whole questions in c->in; keep the rest.
static void answer(struct connection *c) {
  size_t at = 0, written = 0;
  while (c->used - at >= 2) {
    size_t length = (size_t)c->in[at] << 8 | c->in[at + 1];
    if (length < 17 || c->used - at < 2 + length) break;
    const unsigned char *question = c->in + at + 2;
    size_t end = 12; // Header and question; a name without compression, then type and class.
    while (end < length && question[end] != 0) end += question[end] + 1u;
    end += 5;
    if (end > length) break;
    unsigned char *reply = out + written;
    const int denied = question[13] == 'n' && question[14] == 'x'; // Behind the header and a length.
    const size_t record_bytes = denied ? SOA_BYTES : ADDRESS_BYTES;
    const size_t size = end + record_bytes;
    reply[0] = size >> 8;
    reply[1] = size;
    memcpy(reply + 2, question, end);
    reply[4] = 0x84 | (question[2] & 1);
    reply[5] = denied ? 0x80 | NXDOMAIN : 0x80;
    memset(reply + 8, 0, 6);
    reply[denied ? 11 : 9] = 1;
    memcpy(reply + 2 + end, denied ? soa : address, record_bytes);
    written += 2 + size;
    at += 2 + length;
  }
  memmove(c->in, c->in + at, c->used - at);
  c->used -= at;
  for (size_t sent = 0; sent < written;) {
    ssize_t n = send(c->fd, out + sent, written - sent, MSG_NOSIGNAL);
    if (n <= 0) return;
    sent += (size_t)n;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: upstream PORT\n"), 2;
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, poll = epoll_create1(0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128)) return perror("bind"), 1;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[64];
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (int open = 0;;) {
    int count = epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < count; i++) {
      struct connection *c = events[i].data.ptr;
      if (c == NULL) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) continue;
        if (open == CONNECTIONS_MAX) {
          close(fd);
          continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        c = calloc(1, sizeof *c);
        c->fd = fd;
        event.data.ptr = c;
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
        open++;
        continue;
      }
      ssize_t n = recv(c->fd, c->in + c->used, sizeof c->in - c->used, 0);
      if (n > 0) {
        c->used += (size_t)n;
        answer(c);
        continue;
      }
      close(c->fd);
      free(c);
      open--;
    }
  }
}
