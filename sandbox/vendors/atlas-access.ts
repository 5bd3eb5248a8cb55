import { randomBytes } from 'node:crypto';
import { AtlasError } from './atlas-errors.ts';
import { DigestChecker } from './digest.ts';
import type { Answer, Incoming } from './http-api.ts';

/** An API key, which signs digests, and a service account, which gets tokens. */
export interface AtlasCredentials {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Seconds that a token is good for. */
const LIFETIME_S = 3600;

const NO_CLIENT: Answer = {
  status: 401,
  headers: { 'www-authenticate': 'Basic realm="MMS Public API"' },
  body: { error: 'invalid_client', error_description: 'Client authentication failed' },
};

/** Who may use the API: https://www.mongodb.com/docs/atlas/api/api-authentication/. */
export class AtlasAccess {
  readonly #credentials: AtlasCredentials;
  readonly #digest = new DigestChecker('MMS Public API');
  /** When tokens end, in milliseconds since 1970, by token. */
  readonly #tokens = new Map<string, number>();

  constructor(credentials: AtlasCredentials) {
    this.#credentials = credentials;
  }

  /** Ends all tokens before their time. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  /** How many tokens are good. */
  get tokens(): number {
    return this.#tokens.size;
  }

  /** Answers a service account that asks for a token (RFC 6749, 4.4 and 5.2). */
  makeToken({ headers }: Incoming, limit: number): Answer {
    if (!this.#isAccount(headers.authorization)) return NO_CLIENT;
    if (this.#tokens.size >= limit) {
      // The document has no status and no code for it.
      const body = { error: 'invalid_request', error_description: 'Access Token limit reached' };
      return { status: 400, body };
    }
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, Date.now() + LIFETIME_S * 1000);
    return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: LIFETIME_S } };
  }

  revokeToken({ headers }: Incoming, token: string): Answer {
    if (!this.#isAccount(headers.authorization)) return NO_CLIENT;
    this.#tokens.delete(token);
    return { status: 200 };
  }

  #isAccount(authorization: string | undefined): boolean {
    const { clientId, clientSecret } = this.#credentials;
    return authorization === `Basic ${Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64')}`;
  }

  /** @throws AtlasError 401, with a challenge, for a request that proves neither the key nor a token */
  check({ headers: { authorization = '' }, method, target }: Incoming): void {
    const { publicKey, privateKey } = this.#credentials;
    const isToken = /^Bearer /i.test(authorization) && this.#isGood(authorization.slice('Bearer '.length));
    const isDigest =
      /^Digest /i.test(authorization) && this.#digest.isProof(authorization, publicKey, privateKey, method, target);
    if (isToken || isDigest) return;
    throw new AtlasError(401, 'UNAUTHORIZED', 'You are not authorized for this resource.', {
      headers: { 'www-authenticate': this.#digest.challenge() },
    });
  }

  #isGood(token: string): boolean {
    return Date.now() < (this.#tokens.get(token) ?? 0);
  }
}
