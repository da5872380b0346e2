/*
 * The floor: what one core needs to take a DNS query in and send an answer out, and nothing else. Receives in batches,
 * cuts whatever follows the question, appends one A record, sends the batch. No table, no clock, no checks worth the name.
 *
 * usage: echo PORT    (127.0.0.1, UDP)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, PACKET_BYTES = 1232, HEADER_BYTES = 12, RECORD_BYTES = 16 };

/* NAME = pointer to the question, TYPE A, CLASS IN, TTL 3600, 4 octets of data: 10.0.0.1 (RFC 1035 section 4.1.3). */
static const unsigned char RECORD[RECORD_BYTES] = {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 10, 0, 0, 1};

static unsigned char packets[BATCH][PACKET_BYTES];
static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static struct sockaddr_in peers[BATCH];

/* Make an answer of the query in place. Returns its size; 0 when there is no question to echo. */
static size_t answer(unsigned char *packet, size_t size) {
  size_t end = HEADER_BYTES;
  while (end < size && packet[end] != 0) end += 1 + packet[end];
  end += 1 + 4; /* root label, type, class */
  if (end > size || end + RECORD_BYTES > PACKET_BYTES) return 0;
  packet[2] = 0x81; /* QR, RD */
  packet[3] = 0x80; /* RA, NOERROR */
  packet[7] = 1;    /* one answer, nothing additional: the query's OPT is cut off */
  packet[11] = 0;
  memcpy(packet + end, RECORD, RECORD_BYTES);
  return end + RECORD_BYTES;
}

static void reset(int slot) {
  vectors[slot] = (struct iovec){.iov_base = packets[slot], .iov_len = PACKET_BYTES};
  messages[slot].msg_hdr = (struct msghdr){
      .msg_name = &peers[slot], .msg_namelen = sizeof peers[slot], .msg_iov = &vectors[slot], .msg_iovlen = 1};
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: %s PORT\n", argv[0]), 2;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1]))};
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int buffer_bytes = 4 << 20; /* As much as the servers it is compared with. */
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0) return perror("bind"), 1;
  for (int slot = 0; slot < BATCH; slot++) reset(slot);
  for (;;) {
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    if (count < 0) return perror("recvmmsg"), 1;
    int replies = 0;
    for (int slot = 0; slot < count; slot++) {
      size_t size = answer(packets[slot], messages[slot].msg_len);
      if (size == 0) continue;
      vectors[slot].iov_len = size;
      if (replies != slot) messages[replies].msg_hdr = messages[slot].msg_hdr;
      replies++;
    }
    if (replies > 0) sendmmsg(fd, messages, (unsigned)replies, 0);
    for (int slot = 0; slot < count; slot++) reset(slot);
  }
}
