import { createHmac, randomBytes } from 'node:crypto';

/** Bytes of a seed. */
const SEED_BYTES = 32;

/**
 * The source of generated values: HMAC-SHA-256 of the seed and a label. A resumed run with the same seed generates the same
 * values, so that none is lost.
 */
export class Seed {
  readonly bytes: Uint8Array;
  readonly #passwords = new Set<string>();
  #used = false;
  #anonymous = 0;

  private constructor(bytes: Uint8Array) {
    if (bytes.length !== SEED_BYTES) throw new RangeError(`A seed has ${SEED_BYTES} bytes, not ${bytes.length}.`);
    this.bytes = bytes;
  }

  static random(): Seed {
    return new Seed(randomBytes(SEED_BYTES));
  }

  /** @param bytes 32 bytes */
  static from(bytes: Uint8Array): Seed {
    return new Seed(bytes);
  }

  /** Whether it generated a value: then the seed must be stored until the value is. */
  get used(): boolean {
    return this.#used;
  }

  /** The passwords that it generated. */
  get passwords(): readonly string[] {
    return [...this.#passwords];
  }

  /** A password for that key: 32 hex digits, 128 bits. */
  password(key: string): string {
    const password = this.#derive(key).slice(0, 32);
    this.#passwords.add(password);
    return password;
  }

  /** The password for a template's next call, which names no key: the first, the second, … */
  anonymousPassword(): string {
    this.#anonymous += 1;
    return this.password(`template:${this.#anonymous}`);
  }

  /** Seven hex digits that make the bucket's name unique. */
  bucketSuffix(): string {
    return this.#derive('bucket').slice(0, 7);
  }

  #derive(label: string): string {
    this.#used = true;
    return createHmac('sha256', this.bytes).update(label).digest('hex');
  }
}
