import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Checks HTTP digests (RFC 7616, and RFC 2617 for MD5): qop=auth, each count of a nonce once. */
export class DigestChecker {
  readonly #realm: string;
  readonly #opaque = randomBytes(16).toString('hex');
  /** Counts that were used, by nonce. */
  readonly #nonces = new Map<string, Set<string>>();

  constructor(realm: string) {
    this.#realm = realm;
  }

  /** Value of WWW-Authenticate, with a new nonce. */
  challenge(): string {
    const nonce = randomBytes(16).toString('base64url');
    this.#nonces.set(nonce, new Set());
    return `Digest realm="${this.#realm}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=false, opaque="${this.#opaque}"`;
  }

  /**
   * Whether the header proves that user's password.
   *
   * @param target path and query of the request, as they were sent
   */
  isProof(header: string, user: string, password: string, method: string, target: string): boolean {
    const fields = fieldsOf(header);
    const of = (name: string) => fields.get(name) ?? '';
    const [nonce, count] = [of('nonce'), of('nc')];
    const used = this.#nonces.get(nonce);
    const isForThis =
      of('username') === user &&
      of('realm') === this.#realm &&
      of('opaque') === this.#opaque &&
      of('uri') === target &&
      of('qop') === 'auth' &&
      (of('algorithm') || 'MD5').toUpperCase() === 'MD5' &&
      of('cnonce') !== '' &&
      /^[0-9a-f]{8}$/i.test(count);
    if (!isForThis || used === undefined || used.has(count)) return false;
    const expected = md5(
      [md5(`${user}:${this.#realm}:${password}`), nonce, count, of('cnonce'), 'auth', md5(`${method}:${target}`)].join(
        ':',
      ),
    );
    const given = Buffer.from(of('response'));
    const isRight = given.length === expected.length && timingSafeEqual(given, Buffer.from(expected));
    if (isRight) used.add(count);
    return isRight;
  }
}

/** Fields of an Authorization header of the scheme Digest: `name=token` or `name="quoted"`. */
function fieldsOf(header: string): Map<string, string> {
  const matches = header.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return new Map(
    [...matches].map(([, name = '', quoted, token]) => [
      name.toLowerCase(),
      quoted === undefined ? (token ?? '') : quoted.replaceAll(/\\(.)/g, '$1'),
    ]),
  );
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
