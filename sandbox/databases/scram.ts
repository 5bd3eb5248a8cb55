import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** The two mechanisms of MongoDB's SCRAM (RFC 5802, RFC 7677). */
export type Mechanism = 'SCRAM-SHA-1' | 'SCRAM-SHA-256';

const ITERATIONS: Readonly<Record<Mechanism, number>> = { 'SCRAM-SHA-1': 10_000, 'SCRAM-SHA-256': 15_000 };
const HASHES: Readonly<Record<Mechanism, string>> = { 'SCRAM-SHA-1': 'sha1', 'SCRAM-SHA-256': 'sha256' };

/** One login that is under way: two messages from the client, two answers. */
export class ScramConversation {
  readonly user: string;
  readonly #mechanism: Mechanism;
  readonly #firstBare: string;
  readonly #serverFirst: string;
  readonly #salted: Buffer;

  /**
   * @param first the client's first message
   * @param passwordOf the password of a user; one that is unknown fails at the end, as a wrong password does
   */
  constructor(mechanism: Mechanism, first: string, passwordOf: (user: string) => string | undefined) {
    this.#mechanism = mechanism;
    this.#firstBare = first.replace(/^n,[^,]*,/, '');
    const fields = fieldsOf(this.#firstBare);
    this.user = (fields.get('n') ?? '').replaceAll('=2C', ',').replaceAll('=3D', '=');
    const salt = randomBytes(mechanism === 'SCRAM-SHA-1' ? 16 : 28);
    const nonce = `${fields.get('r') ?? ''}${randomBytes(18).toString('base64')}`;
    this.#serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${ITERATIONS[mechanism]}`;
    const password = passwordOf(this.user) ?? randomBytes(16).toString('hex');
    // MongoDB's SCRAM-SHA-1 takes the MD5 of `user:mongo:password` for the password.
    const secret =
      mechanism === 'SCRAM-SHA-1' ? createHash('md5').update(`${this.user}:mongo:${password}`).digest('hex') : password;
    const hash = HASHES[mechanism];
    this.#salted = pbkdf2Sync(secret, salt, ITERATIONS[mechanism], mechanism === 'SCRAM-SHA-1' ? 20 : 32, hash);
  }

  /** The answer to the first message. */
  get serverFirst(): string {
    return this.#serverFirst;
  }

  /** The answer to the client's proof; undefined where the proof is wrong. */
  finish(clientFinal: string): string | undefined {
    const hash = HASHES[this.#mechanism];
    const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest();
    const withoutProof = clientFinal.replace(/,p=.*$/, '');
    const message = `${this.#firstBare},${this.#serverFirst},${withoutProof}`;
    const clientKey = hmac(this.#salted, 'Client Key');
    const storedKey = createHash(hash).update(clientKey).digest();
    const signature = hmac(storedKey, message);
    const expected = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    const proof = Buffer.from(fieldsOf(clientFinal).get('p') ?? '', 'base64');
    if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) return undefined;
    return `v=${hmac(hmac(this.#salted, 'Server Key'), message).toString('base64')}`;
  }
}

function fieldsOf(message: string): Map<string, string> {
  return new Map(message.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}
