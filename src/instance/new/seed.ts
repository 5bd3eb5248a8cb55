import { createHmac, randomBytes } from 'node:crypto';

/** Random bytes of a seed. */
const RANDOM_BYTES = 32;
/** A seed of 33 bytes begins with this version of its passwords; one of 32 bytes is of the first version. */
const VERSION = 2;

/** Characters of a password. */
const LENGTH = 32;
const CLASSES = [/^[a-z]/i, /[a-z]/, /[A-Z]/, /[0-9]/, /[-_]/];

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
    if (!Seed.isValid(bytes)) throw new RangeError(`A seed does not have ${bytes.length} bytes.`);
    this.bytes = bytes;
  }

  static random(): Seed {
    return new Seed(Uint8Array.of(VERSION, ...randomBytes(RANDOM_BYTES)));
  }

  static isValid(bytes: Uint8Array): boolean {
    return bytes.length === RANDOM_BYTES || (bytes.length === RANDOM_BYTES + 1 && bytes[0] === VERSION);
  }

  /** @param bytes of a seed that `random` made, in this version of the action or an earlier one */
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

  /**
   * A password for that key: 32 characters that begin with a letter, with lower and upper case, a digit and a sign (`-` or
   * `_`), as password policies want. A seed of the first version keeps its passwords: 32 hex digits.
   */
  password(key: string): string {
    return this.#known(this.bytes.length === RANDOM_BYTES ? this.#hexadecimal(key) : this.#mixed(key));
  }

  /**
   * The password for a template's next call, which names no key: the first, the second, … It has 32 hex digits, as
   * templates also make names from it, such as a bucket's.
   */
  anonymousPassword(): string {
    this.#anonymous += 1;
    return this.#known(this.#hexadecimal(`template:${this.#anonymous}`));
  }

  /** Seven hex digits that make the bucket's name unique. */
  bucketSuffix(): string {
    return this.#derive('bucket').slice(0, 7);
  }

  #known(password: string): string {
    this.#passwords.add(password);
    return password;
  }

  #hexadecimal(key: string): string {
    return this.#derive(key).slice(0, LENGTH);
  }

  #mixed(key: string): string {
    for (let attempt = 0; ; attempt += 1) {
      const password = Buffer.from(this.#derive(`${key}:${attempt}`), 'hex')
        .toString('base64url')
        .slice(0, LENGTH);
      if (CLASSES.every((characters) => characters.test(password))) return password;
    }
  }

  #derive(label: string): string {
    this.#used = true;
    return createHmac('sha256', this.bytes).update(label).digest('hex');
  }
}
