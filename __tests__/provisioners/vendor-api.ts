import { createHash } from 'node:crypto';
import nock from 'nock';
import type { KeyPair } from '../../src/provisioners/atlas/authorization.ts';

/** A request as it came over the wire. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Answer = (
  request: Received,
) => readonly [status: number, body: string, headers: Readonly<Record<string, string>>];

/** Where the vendor's API of a test is. */
export const API = { url: 'https://api.vendor.test', host: 'api.vendor.test' };

/** For `beforeAll`, `afterEach` and `afterAll`. */
export const network = {
  close: () => nock.disableNetConnect(),
  clear: () => nock.cleanAll(),
  restore: () => nock.restore(),
};

/** From now on the API gives these answers in turn, and then the last one again. @returns its requests */
export function answerApi(...answers: readonly [Answer, ...Answer[]]): readonly Received[] {
  nock.cleanAll();
  const requests: Received[] = [];
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    const reply = async (request: Request) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)] ?? answers[0];
      const { pathname, search } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      const received = { method, target: pathname + search, headers, body: await request.text() };
      requests.push(received);
      return answer(received);
    };
    nock(API.url).persist().intercept(/.*/, method).reply(reply);
  }
  return requests;
}

export function json(status: number, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Answer {
  return () => [status, JSON.stringify(body), { 'content-type': 'application/json', ...headers }];
}

/** Checks digests as RFC 7616 has them, to the letter: each nonce with counts from 1 upwards, each cnonce once. */
export class DigestGate {
  readonly statuses: number[] = [];
  readonly counts: string[] = [];
  readonly #keys: KeyPair;
  readonly #cnonces = new Set<string>();
  #nonce = 0;
  #count = 0;

  constructor(keys: KeyPair) {
    this.#keys = keys;
  }

  /** From now on the nonce is another one. */
  expire(): void {
    this.#nonce += 1;
    this.#count = 0;
  }

  /** The answer for a client that proves the key; others are challenged. */
  before(answer: Answer): Answer {
    return (received) => {
      const fields = fieldsOf(received.headers.authorization ?? '');
      const nonce = `nonce-${this.#nonce}`;
      const isProof = this.#proves(fields, received);
      const isStale = isProof && fields.get('nonce') !== nonce;
      const isNext = Number.parseInt(fields.get('nc') ?? '', 16) === this.#count + 1;
      const cnonce = fields.get('cnonce') ?? '';
      if (!isProof || isStale || !isNext || this.#cnonces.has(cnonce)) {
        this.statuses.push(401);
        const challenge = `Digest realm="${REALM}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", opaque="op", stale=${isStale}`;
        return json(401, { errorCode: 'UNAUTHORIZED' }, { 'www-authenticate': challenge })(received);
      }
      this.#count += 1;
      this.#cnonces.add(cnonce);
      this.statuses.push(200);
      this.counts.push(fields.get('nc') ?? '');
      return answer(received);
    };
  }

  #proves(fields: ReadonlyMap<string, string>, { method, target, headers }: Received): boolean {
    const of = (name: string) => fields.get(name) ?? '';
    const { publicKey, privateKey } = this.#keys;
    const secret = md5(`${publicKey}:${REALM}:${privateKey}`);
    const proof = [secret, of('nonce'), of('nc'), of('cnonce'), of('qop'), md5(`${method}:${target}`)].join(':');
    const named = {
      username: publicKey,
      realm: REALM,
      opaque: 'op',
      uri: target,
      algorithm: 'MD5',
      response: md5(proof),
    };
    return (
      Object.entries(named).every(([name, value]) => of(name) === value) &&
      of('cnonce') !== '' &&
      // These two are not quoted (RFC 7616, 3.4).
      /, qop=auth(,|$)/.test(headers.authorization ?? '') &&
      /, nc=[0-9a-f]{8}(,|$)/.test(headers.authorization ?? '')
    );
  }
}

const REALM = 'MMS Public API';

function fieldsOf(header: string): Map<string, string> {
  const [, list = ''] = /^Digest (.*)$/.exec(header) ?? [];
  const matches = list.matchAll(/(\w+)=(?:"([^"]*)"|([^",]+))(?:, |$)/g);
  return new Map([...matches].map(([, name = '', quoted, token]) => [name, quoted ?? token ?? '']));
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
