import { readResolvConf } from '../../../image/upstream/resolv-conf';

test('nameserver lines count, in order; all others do not', () => {
  const content = [
    '# nameserver 1.1.1.1',
    'search cluster.local',
    'nameserver 10.10.255.252',
    '  nameserver\t10.10.255.253  # the second',
    'nameserver',
    'options ndots:5',
    'nameserver fe80::1%eth0',
    'nameservers 9.9.9.9',
    'nameserver 0388:d254:7aec:6892:9f7f:e93b:5806:1b0f\r',
  ].join('\n');
  expect(readResolvConf(content)).toEqual({
    addresses: ['10.10.255.252', '10.10.255.253', 'fe80::1', '0388:d254:7aec:6892:9f7f:e93b:5806:1b0f'],
    ignored: [],
  });
});

test('what is no IP address is set apart', () => {
  expect(readResolvConf('nameserver dns.example\nnameserver 1.2.3\n')).toEqual({
    addresses: [],
    ignored: ['dns.example', '1.2.3'],
  });
});

test('an empty file names none', () => {
  expect(readResolvConf('')).toEqual({ addresses: [], ignored: [] });
});
