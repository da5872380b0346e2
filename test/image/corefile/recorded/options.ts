/** Options of each directive of k8s-dns-node-cache, good and bad: what is not in CoreDNS's own tables, and every message. */
import type { Case, Written } from './case';
import { CACHE } from './options-cache';
import { CHANGES } from './options-changes';
import { FORWARD } from './options-forward';
import { SERVERS } from './options-servers';
import { TEXTS } from './options-texts';

const FILES: Case['files'] = {
  'resolv.conf': 'search x\nnameserver 127.0.0.2\nnameserver 127.0.0.3\n',
  'empty.conf': '',
  'bad.conf':
    'nameserver\nnameserver x\nnameserver 127.0.0.4 127.0.0.5\n  nameserver 127.0.0.6\n#nameserver 127.0.0.7\n',
  'v6.conf': 'nameserver ::1\nnameserver fe80::1%lo\n',
  hosts: '127.0.0.1 a.example\n',
  weights: 'a.example\n127.0.0.1 3\n',
};

/** All of them, with files for those that name one. */
export const OPTIONS: readonly Written[] = [...CACHE, ...FORWARD, ...SERVERS, ...TEXTS, ...CHANGES].map((corefile) =>
  corefile.includes('FOLDER') || corefile.includes('resolv.conf') || corefile.includes('hosts hosts')
    ? { corefile, files: FILES }
    : corefile,
);
