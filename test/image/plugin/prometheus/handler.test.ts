import { Type, typeText } from '../../../../image/wire/codes';
import { decodeMessage } from '../../../../image/wire/message';
import { FakeWorker } from '../../../support/fake-worker';
import { questionPacket } from '../../../support/query';
import { encodeSays } from '../../../support/resolver';

const FORWARD = 'forward . 192.0.2.53';
const DNS64 = 'dns64 {\nallow_ipv4\n}';
const TEMPLATE = 'template IN A {\nanswer "{{ .Name }} 60 IN A 192.0.2.7"\n}';

/** A worker whose upstream has two addresses for a.test., and nothing else. */
function play(corefile: string) {
  const worker = new FakeWorker(corefile);
  const upstream = worker.kernel.network.udpPeer('192.0.2.53', 53);
  upstream.onDatagram = ({ from, bytes }) => {
    const query = decodeMessage(bytes, 0, bytes.length)!;
    const isThere = typeText(query.question!.type) === typeText(Type.A);
    const answer = isThere ? ['@ 60 IN A 192.0.2.1', '@ 60 IN A 192.0.2.2'] : [];
    upstream.send(from, encodeSays({ answer, rcode: isThere ? 'NOERROR' : 'NXDOMAIN' }, query));
  };
  return worker;
}

/** Values of label `plugin` after two equal questions. */
function writers(lines: string, type: string): string[] {
  const worker = play(`. {\nbind 127.0.0.1\nprometheus :9253\n${lines}\n}\n`);
  for (let count = 0; count < 2; count++) {
    const client = worker.kernel.network.udpPeer('127.0.0.1');
    client.send({ address: '127.0.0.1', port: 53 }, questionPacket('a.test.', { type }));
    worker.pass(20);
  }
  return worker.posted.flatMap((message) => {
    if (message.kind !== 'series' || message.series.metric !== 'coredns_dns_responses_total') return [];
    return message.series.labels.slice(-1);
  });
}

// What k8s-dns-node-cache 1.26.8 counts, and CoreDNS 1.13.2 where it has no such plugin.
test.each([
  [FORWARD, 'A', ['forward']],
  [`cache\n${FORWARD}`, 'A', ['cache']],
  [`loadbalance\n${FORWARD}`, 'A', ['loadbalance']],
  [`loadbalance\n${FORWARD}`, 'AAAA', ['loadbalance']],
  [`loadbalance\ncache\n${FORWARD}`, 'A', ['loadbalance']],
  [`loadbalance\ncache\nrewrite ttl suffix . 15\n${FORWARD}`, 'A', ['loadbalance']],
  [`log\nloadbalance\n${TEMPLATE}`, 'A', ['loadbalance']],
  [`any\nloadbalance\n${FORWARD}`, 'ANY', ['any']],
  [`rewrite ttl suffix . 15\n${FORWARD}`, 'A', ['rewrite']],
  [`rewrite ttl suffix . 15\n${FORWARD}`, 'AAAA', ['rewrite']],
  [`rewrite continue ttl suffix . 15\n${FORWARD}`, 'A', ['rewrite']],
  [`rewrite type MX A\n${FORWARD}`, 'MX', ['rewrite']],
  [`rewrite type MX A\n${FORWARD}`, 'A', ['forward']],
  [`rewrite type A A\n${FORWARD}`, 'A', ['rewrite']],
  [`rewrite continue type MX A\n${FORWARD}`, 'MX', ['forward']],
  [`rewrite edns0 local set 0xffee 0x61\n${FORWARD}`, 'A', ['rewrite']],
  [`rewrite continue edns0 local set 0xffee 0x61\n${FORWARD}`, 'A', ['forward']],
  [`rewrite ttl suffix . 15\nheader {\nresponse set ra\n}\n${FORWARD}`, 'A', ['rewrite']],
  [`header {\nresponse set ra\n}\nminimal\n${FORWARD}`, 'A', ['header']],
  [`header {\nquery set rd\n}\n${FORWARD}`, 'A', ['header']],
  [`minimal\n${FORWARD}`, 'A', ['minimal']],
  [`minimal\n${FORWARD}`, 'AAAA', ['minimal']],
  [`${DNS64}\n${FORWARD}`, 'A', ['forward']],
  [`${DNS64}\n${FORWARD}`, 'AAAA', ['forward', 'dns64']], // It asks itself for A.,
  [`dnstap tcp://127.0.0.1:1\nloadbalance\n${FORWARD}`, 'A', ['dnstap']],
  ['loadbalance', 'A', ['']],
])('whose an answer is: %j, %s: %j', (lines, type, plugins) => {
  expect(writers(lines, type)).toEqual(plugins);
});

test('a block of several zones says for the first of them only what is enabled', () => {
  const worker = play('b.test a.test c.test:54 {\nbind 127.0.0.1 127.0.0.2\nprometheus :9253\nwhoami\n}\n');
  const enabled = worker.posted.flatMap((message) => {
    if (message.kind !== 'series' || message.series.metric !== 'coredns_plugin_enabled') return [];
    const [server, zone, , name] = message.series.labels;
    return [`${server} ${zone} ${name}`];
  });
  expect(enabled.sort()).toEqual([
    'dns://127.0.0.1:53 b.test. prometheus',
    'dns://127.0.0.1:53 b.test. whoami',
    'dns://127.0.0.2:53 b.test. prometheus',
    'dns://127.0.0.2:53 b.test. whoami',
  ]);
});
