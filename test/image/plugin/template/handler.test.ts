import { Step } from '../../../../image/chain/plugin';
import { Class, Opcode, Rcode } from '../../../../image/wire/codes';
import { FLAG_TC, OPCODE_SHIFT } from '../../../../image/wire/header';
import { decodeMessage, type Message } from '../../../../image/wire/message';
import { recordToText } from '../../../../image/wire/record-text';
import { type Row, tables } from '../../../support/coredns-tables';
import { FakeWorker } from '../../../support/fake-worker';
import { needs } from '../../../support/needs';
import { HandlerWorld, questionPacket, type WorldOptions } from '../../../support/query';
import { encodeSays } from '../../../support/resolver';

const world = (body: string, options: WorldOptions = {}, zones = '.') =>
  new HandlerWorld(`${zones} {\n${body}\n}`, options, (query) => query.fail(Rcode.REFUSED, ''));
const IP = 'match (^|[.])ip-10-(?P<b>[0-9]*)-(?P<c>[0-9]*)-(?P<d>[0-9]*)[.]example[.]$';
const IP_ANSWER = 'answer "{{ .Name }} 60 IN A 10.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"';

test('an address is made of its name', () => {
  const outcome = world(`template IN A example {\n${IP}\n${IP_ANSWER}\n}`).ask('IP-10-95-12-8.example.');
  expect(outcome).toMatchObject({
    rcode: 'NOERROR',
    writer: 'template',
    isAuthoritative: true,
    answer: ['ip-10-95-12-8.example. 60 IN A 10.95.12.8'],
    authority: [],
    additional: [],
  });
});

test('sections stand where they belong, in the order of their texts', () => {
  const { answer, authority, additional } = world(`template ANY ANY {
    authority "example. NS ns.example."
    answer "a.example. 1 IN A 1.1.1.1" "a.example. 1 IN A 1.1.1.2"
    additional "ns.example. 5 IN A 1.1.1.4"
    answer "a.example. 1 IN A 1.1.1.3"
  }`).ask('a.example.');
  expect(answer).toEqual(['1', '2', '3'].map((last) => `a.example. 1 IN A 1.1.1.${last}`));
  expect(authority).toEqual(['example. 3600 IN NS ns.example.']);
  expect(additional).toEqual(['ns.example. 5 IN A 1.1.1.4']);
});

test.each([
  ['{{ .Name }}', 'www.sub.example.org.'],
  ['{{ .Zone }}', 'sub.example.org.'],
  ['{{ .Class }}', 'IN'],
  ['{{ .Type }}', 'TXT'],
  ['{{ .Regex }}', '^(?P<first>[a-z]+)[.](x)?(sub)'],
  ['{{ .Remote }}', '2001:db8::5'],
  ['{{ .Group.first }}', 'www'],
  ['{{ index .Group "3" }}', 'sub'],
  ['[{{ index .Group "2" }}]', '[]'],
  ['[{{ index .Group "nobody" }}]', '[]'],
  ['{{ index .Match 0 }}', 'www.sub'],
  ['{{ index .Match 3 }}', 'sub'],
  ['[{{ index .Match 2 }}]', '[]'],
  ['{{ .Name -}}   !', 'www.sub.example.org.!'],
])('%s is %s', (action, value) => {
  const quoted = action.replace(/"/g, '\\"');
  const body = `template IN TXT org example.org sub.example.org {
    match ^(?P<first>[a-z]+)[.](x)?(sub)
    answer "t. 1 IN TXT '${quoted}'"
  }`;
  const [answer] = world(body.replace(/'/g, '\\"'), { remote: '2001:db8::5' }).ask('WWW.sub.example.org', {
    type: 'TXT',
  }).answer;
  expect(answer).toBe(`t. 1 IN TXT "${value}"`);
});

test('ANY in a question is the template’s class and type in texts', () => {
  const body = 'template IN MX {\nanswer "t. 1 IN TXT {{ .Class }} {{ .Type }}"\n}';
  expect(world(body).ask('a.', { type: 'ANY', class: Class.ANY }).answer).toEqual(['t. 1 IN TXT "IN" "MX"']);
});

test('a type and a class without a name are empty in texts, as in Go', () => {
  const body = 'template ANY ANY {\nanswer "t. 1 IN TXT [{{ .Class }}{{ .Type }}]"\n}';
  expect(world(body).ask('a.', { type: 'TYPE999', class: 77 }).answer).toEqual(['t. 1 IN TXT "[]"']);
});

test.each([
  ['template IN A', 'a.', 'A', Class.IN, 'NOERROR', 'fits'],
  ['template ANY ANY', 'a.', 'TXT', Class.CH, 'NOERROR', 'ANY fits everything'],
  ['template IN A', 'a.', 'ANY', Class.ANY, 'NOERROR', 'everything fits ANY'],
  ['template IN A', 'a.', 'AAAA', Class.IN, 'REFUSED', 'another type goes on'],
  ['template IN A', 'a.', 'A', Class.CH, 'REFUSED', 'another class goes on'],
  ['template IN A b', 'a.', 'A', Class.IN, 'REFUSED', 'another zone goes on'],
  ['template IN A b', 'x\\.b.', 'A', Class.IN, 'REFUSED', 'an escaped dot separates nothing'],
])('%s asked %s %s in class %i: %s, %s', (line, name, type, questionClass, rcode, _reason) => {
  expect(world(line).ask(name, { type, class: questionClass }).rcode).toBe(rcode);
});

test.each([
  ['', 'SERVFAIL', 'no fallthrough'],
  ['fallthrough', 'REFUSED', 'goes on'],
  ['fallthrough example.org', 'REFUSED', 'goes on'],
  ['fallthrough example.net', 'SERVFAIL', 'another name would go on'],
])('no expression matches, %j: %s', (option, rcode, _reason) => {
  const outcome = world(`template IN A {\nmatch ^no$ ^nor[.]this$\n${option}\n}`).ask('www.example.org.');
  expect(outcome).toMatchObject({ rcode, error: '', message: undefined });
});

test('the first template that fits answers, the first expression that matches counts', () => {
  const templates = world(`template IN TXT {\nmatch ^x\nanswer "t. 1 TXT x"\nfallthrough\n}
    template IN A {\nanswer "t. 1 A 1.1.1.1"\n}
    template IN TXT {\nmatch ^(b) ^(.)\nanswer "t. 1 TXT {{ index .Match 1 }}"\n}`);
  expect(templates.ask('xa.', { type: 'TXT' }).answer).toEqual(['t. 1 IN TXT "x"']);
  expect(templates.ask('ba.', { type: 'TXT' }).answer).toEqual(['t. 1 IN TXT "b"']);
  expect(templates.ask('ca.', { type: 'TXT' }).answer).toEqual(['t. 1 IN TXT "c"']);
});

test('rcode with records', () => {
  const body = 'template ANY ANY invalid {\nrcode NXDOMAIN\nauthority "invalid. 60 SOA a. b. 1 2 3 4 5"\n}';
  expect(world(body).ask('test.invalid.')).toMatchObject({
    rcode: 'NXDOMAIN',
    isAuthoritative: true,
    authority: ['invalid. 60 IN SOA a. b. 1 2 3 4 5'],
  });
});

test('rcode SERVFAIL writes no answer of its own; REFUSED and others do', () => {
  expect(world('template IN A {\nrcode SERVFAIL\nanswer "no record"\n}').ask('a.')).toMatchObject({
    rcode: 'SERVFAIL',
    error: '',
    message: undefined,
  });
  const refused = world('template IN A {\nrcode REFUSED\n}').ask('a.');
  expect(refused).toMatchObject({ rcode: 'REFUSED', writer: 'template', isAuthoritative: true });
});

test('an rcode over 15 takes an OPT record, and a client without EDNS gets SERVFAIL', () => {
  const body = 'template IN A {\nrcode BADCOOKIE\n}';
  const { rcode, message } = world(body).ask('a.', { udpSize: 1232, doBit: true });
  expect(rcode).toBe('BADCOOKIE');
  expect(message!.flags & 15).toBe(23 & 15);
  expect(message!.additional).toMatchObject([{ type: 41, class: 1232, ttl: 0x01008000 }]);
  expect(world(body).ask('a.')).toMatchObject({ rcode: 'SERVFAIL', error: 'dns: bad extended rcode' });
});

test('a CNAME whose target cannot be looked up is the whole answer', () => {
  const body = 'template ANY ANY {\nanswer "example.net 60 IN CNAME target.example.com"\n}';
  expect(world(body).ask('example.net.').answer).toEqual(['example.net. 60 IN CNAME target.example.com.']);
});

describe('a CNAME in the answer to A or AAAA', () => {
  const FILE = `alias.test {
    bind 127.0.0.1
    template IN ANY {
      answer "{{ .Name }} 60 IN CNAME web.target.test." "{{ .Name }} 60 IN TXT behind"
      ederror 3 "made up"
    }
  }
  target.test {
    bind 127.0.0.1
    template IN A {
      answer "{{ .Name }} 5 IN A 192.0.2.{{ len .Match }}"
    }
  }`;
  const ask = (type: string, udpSize?: number) => {
    const worker = new FakeWorker(FILE);
    const client = worker.kernel.network.udpPeer('127.0.0.1');
    client.send({ address: '127.0.0.1', port: 53 }, questionPacket('a.alias.test.', { type, udpSize }));
    worker.pass(10);
    const { bytes } = client.received[0];
    return decodeMessage(bytes, 0, bytes.length)!;
  };
  const texts = (message: Message) => message.answer.map((record) => recordToText(record).replace(/\s+/g, ' '));

  test.each([
    ['A', ['web.target.test. 5 IN A 192.0.2.1']],
    ['AAAA', []], // REFUSED by a zone without a template for it: what was made stays.
    ['MX', []],
  ])('of type %s is followed by what the server says of its target', (type, found) => {
    expect(texts(ask(type))).toEqual([
      'a.alias.test. 60 IN CNAME web.target.test.',
      ...found,
      'a.alias.test. 60 IN TXT "behind"',
    ]);
  });

  test.each([0, FLAG_TC])('that was cut is passed on as cut, with TC: flags %i', (flags) => {
    const worker = new FakeWorker(`alias.test {
      bind 127.0.0.1
      template IN ANY {
        answer "{{ .Name }} 60 IN CNAME web.target.test."
      }
    }
    target.test {
      bind 127.0.0.1
      forward . 192.0.2.53
    }`);
    const upstream = worker.kernel.network.udpPeer('192.0.2.53', 53);
    upstream.onDatagram = ({ from, bytes }) => {
      const query = decodeMessage(bytes, 0, bytes.length)!;
      upstream.send(from, encodeSays({ flags, answer: ['@ 5 IN A 192.0.2.1'] }, query));
    };
    const client = worker.kernel.network.udpPeer('127.0.0.1');
    client.send({ address: '127.0.0.1', port: 53 }, questionPacket('a.alias.test.'));
    worker.pass(10);
    const { bytes } = client.received[0];
    expect(decodeMessage(bytes, 0, bytes.length)!.flags & FLAG_TC).toBe(flags);
  });

  test('an extended error goes to a client with EDNS only', () => {
    const [opt] = ask('MX', 1232).additional;
    expect(Buffer.from(opt.data).toString('latin1')).toBe('\0\x0f\0\x09\0\x03made up');
    expect(ask('MX').additional).toEqual([]);
  });
});

test('a NOTIFY is answered with its opcode and without RD', () => {
  const flags = (Opcode.NOTIFY << OPCODE_SHIFT) | 0x0100;
  expect(world('template ANY ANY').ask('a.', { flags }).message?.flags).toBe(0xa400);
});

const LABELS = ['dns://:53', '.', '', 'IN', 'A'];

test('a text that is no record is SERVFAIL with the reason, and counted', () => {
  const templates = world('template IN A {\nanswer "{{ .Name }} 60 IN A {{ .Type }}"\n}');
  const { rcode, error, message } = templates.ask('a.example.');
  expect({ rcode, message }).toEqual({ rcode: 'SERVFAIL', message: undefined });
  expect(error).toContain("Record 'a.example. 60 IN A A'");
  expect(templates.counted('coredns_template_matches_total', ...LABELS)).toBe(1);
  const failure = [...LABELS, 'answer', '{{ .Name }} 60 IN A {{ .Type }}'];
  expect(templates.counted('coredns_template_rr_failures_total', ...failure)).toBe(1);
  expect(templates.counted('coredns_template_template_failures_total', ...failure)).toBeUndefined();
});

test('a group that is not there is Go’s error, at its place', () => {
  const source = '{{ .Name }}\n  60 IN TXT {{ index .Match 2 }}';
  const templates = world(`template IN A {\nadditional "${source}"\n}`);
  expect(templates.ask('a.').error).toBe(
    'template: additional:2:15: executing "additional" at <index .Match 2>: ' +
      'error calling index: index out of range: 2',
  );
  const failure = [...LABELS, 'additional', source];
  expect(templates.counted('coredns_template_template_failures_total', ...failure)).toBe(1);
});

test('matches are counted per server, zone, class and type, also when the answer is SERVFAIL', () => {
  const templates = world('template IN A example {\nrcode SERVFAIL\n}');
  templates.ask('a.example.');
  templates.ask('b.example.');
  const labels = ['dns://:53', 'example.', '', 'IN', 'A'];
  expect(templates.counted('coredns_template_matches_total', ...labels)).toBe(2);
});

test('whatever a name holds, nothing is thrown', () => {
  const templates = world('template ANY ANY {\nanswer "{{ .Name }} 60 IN TXT {{ index .Match 0 }}"\n}');
  for (let octet = 0; octet < 256; octet++) {
    const name = `\\${String(octet).padStart(3, '0')}x.example.`;
    const { rcode, error } = templates.ask(name, { type: 'TXT' });
    expect(rcode === 'NOERROR' || error !== '').toBe(true);
  }
});

test('behind all templates the next plugin is asked', () => {
  const passed = new HandlerWorld('. {\ntemplate IN AAAA\n}', {}, () => Step.PASS).ask('a.');
  expect(passed).toMatchObject({ rcode: 'SERVFAIL', error: 'plugin/inner: no next plugin found' });
});

/** The templates that rows of TestHandler name, as Corefiles. Those that use parseInt, .Meta or ederror are refused at start. */
const TEMPLATES: Readonly<Record<string, string>> = {
  rcodeServfailTemplate: 'rcode SERVFAIL',
  exampleDomainATemplate: `${IP}\n${IP_ANSWER}`,
  brokenTemplate: 'match [.]example[.]$\nanswer "{{ .Name }} 60 IN TXT \\"{{ index .Match 2 }}\\""',
  nonRRTemplate: 'match [.]example[.]$\nanswer "{{ .Name }}"',
  nonRRAdditionalTemplate: 'match [.]example[.]$\nadditional "{{ .Name }}"',
  nonRRAuthoritativeTemplate: 'match [.]example[.]$\nauthority "{{ .Name }}"',
  exampleDomainIPATemplate: 'answer "{{ .Name }} 60 IN A {{ .Remote }}"',
  exampleDomainANSTemplate:
    `${IP}\n${IP_ANSWER}\nadditional "ns0.example. IN A 203.0.113.8"\n` + 'authority "example. IN NS ns0.example.com."',
  exampleDomainMXTemplate:
    `${IP}\nanswer "{{ .Name }} 60 MX 10 {{ .Name }}"\n` +
    'additional "{{ .Name }} 60 IN A 10.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"',
  invalidDomainTemplate:
    'match [.]invalid[.]$\nrcode NXDOMAIN\n' +
    'answer "invalid. 60 {{ .Class }} SOA a.invalid. b.invalid. (1 60 60 60 60)"',
  cnameTemplate: 'match example[.]net[.]\nanswer "example.net 60 IN CNAME target.example.com"',
};
/** Records of each section that the row's own check counts: `r.Answer) != 1`. */
const wanted = (row: Row, section: string) =>
  new RegExp(`r\\.${section}\\) != (\\d+)`).exec((row['verifyResponse'] as { $src: string } | undefined)?.$src ?? '');
const named = (value: unknown, prefix: string) => (value as { $id: string } | undefined)?.$id.replace(prefix, '');
const RCODES: Readonly<Record<string, string>> = { ServerFailure: 'SERVFAIL', NameError: 'NXDOMAIN' };

needs('tables').describe('CoreDNS’s table TestHandler', () => {
  const rows = tables('coredns-v1.13.2', 'TestHandler', 'template');
  const possible = rows.filter((row) => row['absent'] || named(row['tmpl'], '')! in TEMPLATES);
  test('has the rows we know of', () => {
    expect(possible).toHaveLength(12);
  });
  test.each(possible.map((row) => [row['name'], row] as const))('%s', (_, row) => {
    const template = named(row['tmpl'], '')!;
    const templates = world(`template ANY ANY {\n${TEMPLATES[template]}\nfallthrough\n}`);
    const outcome = templates.ask(row['qname'] as string, { type: named(row['qtype'], 'dns.Type') ?? 'A' });
    const rcode = typeof row['expectedCode'] === 'number' ? 'REFUSED' : named(row['expectedCode'], 'dns.Rcode');
    expect(outcome.rcode).toBe(RCODES[rcode ?? ''] ?? (rcode === 'REFUSED' ? rcode : 'NOERROR'));
    if (template === 'brokenTemplate') expect(outcome.error).toBe(row['expectedErr']);
    expect(outcome.error !== '').toBe(row['expectedErr'] !== undefined);
    for (const [section, records] of Object.entries({ Answer: outcome.answer, Extra: outcome.additional })) {
      const count = wanted(row, section);
      if (count !== null) expect(records).toHaveLength(Number(count[1]));
    }
    if (wanted(row, 'Ns') !== null) expect(outcome.authority).toHaveLength(1);
  });
});
