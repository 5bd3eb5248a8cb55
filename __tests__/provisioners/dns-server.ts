import { createSocket } from 'node:dgram';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a DNS server answers of a name. */
export interface DnsRecords {
  /** IPv4 address. */
  readonly a?: string;
  readonly srv?: readonly { readonly name: string; readonly port: number }[];
  readonly txt?: string;
}

export interface DnsServer {
  /** Questions so far, as `SRV _mongodb._tcp.db.example.org`. */
  readonly questions: readonly string[];
  /** `host:port`. */
  readonly address: string;
  /** Environment by which a Node process asks this server alone. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const TYPES: Readonly<Record<number, 'A' | 'TXT' | 'AAAA' | 'SRV'>> = { 1: 'A', 16: 'TXT', 28: 'AAAA', 33: 'SRV' };
const NO_SUCH_NAME = 3;

/**
 * Starts a DNS server (RFC 1035, RFC 2782) that knows these names and no other.
 *
 * @param directory gets the module by which a process uses it
 */
export async function startDns(records: Readonly<Record<string, DnsRecords>>, directory: string): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];
  socket.on('message', (query, { port, address }) => {
    const { name, end } = nameIn(query, 12);
    const type = TYPES[query.readUInt16BE(end)];
    questions.push(`${type} ${name}`);
    const known = records[name.toLowerCase()];
    const answers = known === undefined ? [] : dataOf(known, type);
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | (known === undefined ? NO_SUCH_NAME : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    const parts = answers.flatMap((data) => {
      const fields = Buffer.alloc(12);
      // The name of the question, its type, class IN, 60 s.
      fields.writeUInt16BE(0xc00c, 0);
      query.copy(fields, 2, end, end + 4);
      fields.writeUInt32BE(60, 6);
      fields.writeUInt16BE(data.length, 10);
      return [fields, data];
    });
    socket.send(Buffer.concat([head, query.subarray(12, end + 4), ...parts]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const preload = path.join(directory, 'dns.mjs');
  const server = `127.0.0.1:${socket.address().port}`;
  await writeFile(preload, preloadOf(server));
  return {
    address: server,
    questions,
    environment: { NODE_OPTIONS: `--import=${pathToFileURL(preload).href}` },
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** `dns.lookup` asks the operating system: here it asks the server as well. */
function preloadOf(server: string): string {
  return `
    import dns from 'node:dns';
    import { syncBuiltinESMExports } from 'node:module';
    import { isIP } from 'node:net';
    dns.setServers([${JSON.stringify(server)}]);
    const system = dns.lookup;
    const systemLater = dns.promises.lookup;
    const isLocal = (name) => isIP(name) !== 0 || name === 'localhost';
    const resolve = async (name) => {
      const [address] = await dns.promises.resolve4(name).catch((error) => {
        throw Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo' });
      });
      return { address, family: 4 };
    };
    dns.promises.lookup = async (name, options) => {
      if (isLocal(name)) return await systemLater(name, options);
      const found = await resolve(name);
      return options?.all ? [found] : found;
    };
    dns.lookup = (name, options, callback = options) => {
      if (isLocal(name)) return system(name, options, callback);
      resolve(name).then(
        (found) => (options?.all ? callback(null, [found]) : callback(null, found.address, found.family)),
        (error) => callback(error),
      );
    };
    syncBuiltinESMExports();
  `;
}

function nameIn(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function dataOf({ a, srv = [], txt }: DnsRecords, type: string | undefined): Buffer[] {
  if (type === 'A' && a !== undefined) return [Buffer.from(a.split('.').map(Number))];
  if (type === 'TXT' && txt !== undefined) return [labelOf(txt)];
  if (type !== 'SRV') return [];
  return srv.map(({ name, port }) => {
    const fields = Buffer.alloc(6);
    fields.writeUInt16BE(port, 4);
    return Buffer.concat([fields, ...name.split('.').map(labelOf), Buffer.alloc(1)]);
  });
}

function labelOf(text: string): Buffer {
  return Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
}
