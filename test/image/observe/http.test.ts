/** HTTP listeners on real ports 21000-21009: what they answer, what they share, what a slow client costs. */
import { request } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { HTTP_CHECK_MS, HTTP_CONNECTIONS_MAX, HTTP_HEADER_BYTES_MAX, HTTP_TIMEOUT_MS } from '../../../image/limits';
import {
  formatListenAddress,
  HEALTH_PAGE,
  type HttpListeners,
  metricsPage,
  openHttp,
  type Route,
} from '../../../image/observe/http';

const HOST = '127.0.0.1';
const ORIGIN = 'the prometheus directive of the server block at Corefile:3';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function ask(
  port: number,
  path: string,
  options: { host?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: HOST, port, path, agent: false, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

function route(port: number, path = '/health', page = () => HEALTH_PAGE, host = HOST): Route {
  return { address: { host, port }, path, page, origin: ORIGIN };
}

let open: HttpListeners[] = [];
const listen = async (...routes: Route[]): Promise<HttpListeners> => {
  const listeners = await openHttp(routes);
  open.push(listeners);
  return listeners;
};

afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
});

describe('what is answered', () => {
  test('/health is OK without a newline, as CoreDNS has it', async () => {
    await listen(route(21000));
    expect(await ask(21000, '/health')).toEqual({ status: 200, type: 'text/plain; charset=utf-8', body: 'OK' });
    expect((await ask(21000, '/health?from=kubelet')).status).toBe(200);
  });

  test.each(['/', '/healthz', '/health/', '/metrics', '/%2e%2e/health', '//health'])(
    '%s is not found',
    async (path) => {
      await listen(route(21000));
      expect(await ask(21000, path)).toEqual({
        status: 404,
        type: 'text/plain; charset=utf-8',
        body: '404 page not found\n',
      });
    },
  );

  test('/metrics is made anew for each request', async () => {
    let scrapes = 0;
    await listen(route(21000, '/metrics', () => metricsPage(`scrapes ${++scrapes}\n`)));
    expect((await ask(21000, '/metrics')).body).toBe('scrapes 1\n');
    expect(await ask(21000, '/metrics')).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: 'scrapes 2\n',
    });
  });

  test('HEAD has the headers and no body', async () => {
    await listen(route(21000));
    expect(await ask(21000, '/health', { method: 'HEAD' })).toEqual({
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: '',
    });
  });
});

describe('addresses', () => {
  test('several blocks with one address share one listener, and paths may share it too', async () => {
    const page = (): ReturnType<typeof metricsPage> => metricsPage('x 1\n');
    const listeners = await listen(route(21001, '/metrics', page), route(21001, '/metrics', page), route(21001));
    expect(listeners.addresses).toEqual([{ host: HOST, port: 21001 }]);
    expect((await ask(21001, '/metrics')).body).toBe('x 1\n');
    expect((await ask(21001, '/health')).body).toBe('OK');
  });

  test('an empty host is every address', async () => {
    await listen(route(21002, '/health', () => HEALTH_PAGE, ''));
    expect((await ask(21002, '/health')).status).toBe(200);
    expect((await ask(21002, '/health', { host: '127.0.0.2' })).status).toBe(200);
  });

  test('localhost is IPv4 first', async () => {
    const listeners = await listen(route(21002, '/health', () => HEALTH_PAGE, 'localhost'));
    expect(listeners.addresses).toEqual([{ host: '127.0.0.1', port: 21002 }]);
  });

  test.each([
    [{ host: '', port: 9253 }, ':9253'],
    [{ host: '127.0.0.1', port: 9253 }, '127.0.0.1:9253'],
    [{ host: '::1', port: 8080 }, '[::1]:8080'],
  ])('%j is written %s', (address, text) => {
    expect(formatListenAddress(address)).toBe(text);
  });
});

describe('an address that cannot be opened', () => {
  let holder: Server;
  beforeEach(async () => {
    holder = createServer();
    await new Promise<void>((resolve) => holder.listen(21003, HOST, resolve));
  });
  afterEach(() => new Promise((resolve) => holder.close(resolve)));

  test('because it is taken: the message names it, its owner and what to change', async () => {
    await expect(openHttp([route(21003)])).rejects.toThrow(
      `listen tcp 127.0.0.1:21003: bind: address already in use - stop the program that holds it or change ${ORIGIN}`,
    );
  });

  test('because no interface has it', async () => {
    await expect(openHttp([route(21004, '/health', () => HEALTH_PAGE, '192.0.2.1')])).rejects.toThrow(
      `listen tcp 192.0.2.1:21004: bind: cannot assign requested address - no interface of this machine has the address; change ${ORIGIN}`,
    );
  });

  test('leaves none of the others open', async () => {
    await expect(openHttp([route(21004), route(21003)])).rejects.toThrow('already in use');
    await expect(ask(21004, '/health')).rejects.toThrow('ECONNREFUSED');
  });
});

test('close ends open connections and frees the port', async () => {
  const listeners = await listen(route(21005));
  const idle = connect(21005, HOST);
  await new Promise((resolve) => idle.once('connect', resolve));
  idle.on('error', () => {});
  const ended = new Promise((resolve) => idle.once('close', resolve));
  await listeners.close();
  await ended;
  await listen(route(21005));
});

describe('other routes', () => {
  const page = (body: string) => () => ({ contentType: 'text/plain', body });

  test('an address that stays answers by them on the same connection, new ones open, old ones close', async () => {
    const listeners = await listen(route(21005, '/a', page('one')), route(21008));
    const kept = connect(21005, HOST);
    let heard = '';
    kept.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    const get = async (path: string): Promise<void> => {
      const before = heard.length;
      kept.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      while (heard.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await get('/a');
    const change = await listeners.change([route(21005, '/b', page('two')), route(21009)]);
    expect((await ask(21005, '/a')).body).toBe('one'); // Not before it is wanted.
    expect((await ask(21009, '/health')).status).toBe(200);
    await change.commit();
    await get('/a');
    await get('/b');
    kept.destroy();
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
    expect(heard.endsWith('two')).toBe(true);
    await expect(ask(21008, '/health')).rejects.toThrow('ECONNREFUSED');
  });

  test('that cannot be had change nothing', async () => {
    const held = createServer().listen(21009, HOST);
    await new Promise((resolve) => held.once('listening', resolve));
    const listeners = await listen(route(21005));
    await expect(listeners.change([route(21008), route(21009)])).rejects.toThrow('already in use');
    await expect(ask(21008, '/health')).rejects.toThrow('ECONNREFUSED');
    expect((await ask(21005, '/health')).status).toBe(200);
    await new Promise((resolve) => held.close(resolve));
  });

  test('that are given up leave nothing open', async () => {
    const listeners = await listen(route(21005));
    await (await listeners.change([route(21008)])).abandon();
    await expect(ask(21008, '/health')).rejects.toThrow('ECONNREFUSED');
    expect((await ask(21005, '/health')).status).toBe(200);
  });

  test('of which one may fail are opened without it; where another needs the address it is an error', async () => {
    const held = createServer().listen(21009, HOST);
    await new Promise((resolve) => held.once('listening', resolve));
    const failures: string[] = [];
    const optional = { ...route(21009, '/metrics'), failed: (message: string) => void failures.push(message) };
    await listen(optional, route(21008));
    expect(failures).toEqual([expect.stringContaining(`listen tcp ${HOST}:21009: bind: address already in use`)]);
    expect((await ask(21008, '/health')).status).toBe(200);
    await expect(openHttp([optional, route(21009)])).rejects.toThrow('already in use');
    await new Promise((resolve) => held.close(resolve));
  });
});

describe('clients that want to hurt', () => {
  test('headers over the limit are refused', async () => {
    await listen(route(21006));
    const headers = { 'x-long': 'x'.repeat(HTTP_HEADER_BYTES_MAX + 1) };
    expect((await ask(21006, '/health', { headers })).status).toBe(431);
  });

  test('no more than the limit of connections are kept', async () => {
    await listen(route(21006));
    const sockets: Socket[] = [];
    let closed = 0;
    for (let index = 0; index < HTTP_CONNECTIONS_MAX + 5; index++) {
      const socket = connect(21006, HOST);
      socket.on('error', () => {});
      socket.on('close', () => closed++);
      sockets.push(socket);
      await new Promise((resolve) => socket.once('connect', resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const socket of sockets) socket.destroy();
    expect(closed).toBe(5);
  });

  test('a request sent byte by byte, and one that is never sent, are cut off in time', async () => {
    await listen(route(21007));
    const startMs = Date.now();
    const life = (drip: boolean): Promise<number> =>
      new Promise((resolve) => {
        const socket = connect(21007, HOST);
        const timer = drip ? setInterval(() => socket.write('G'), 500) : undefined;
        socket.on('error', () => {});
        socket.resume();
        socket.on('close', () => {
          clearInterval(timer);
          resolve(Date.now() - startMs);
        });
      });
    for (const lifeMs of await Promise.all([life(true), life(false)])) {
      expect(lifeMs).toBeLessThan(HTTP_TIMEOUT_MS + 2 * HTTP_CHECK_MS + 500);
    }
  }, 15_000);
});
