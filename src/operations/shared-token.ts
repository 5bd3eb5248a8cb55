import { fieldsOf, textIn } from '../core/fields.ts';
import type { Settings } from '../core/settings.ts';

/** Milliseconds for a call: without the token each pod gets one of its own. */
const CALL_MS = 5_000;

/** The settings of several tasks, whose pods share one access token. */
export interface SharedToken {
  readonly settings: Settings;
  /** The token, to hide it in logs. */
  readonly token: string | undefined;
  /** Revokes the token. Never fails. */
  end(): Promise<void>;
}

/**
 * Gets an access token of a service account of Atlas for all pods of a run: an account has at most 100 at a time, and may
 * ask for 10 a minute (https://www.mongodb.com/docs/manual/reference/limits/#mongodb-atlas-service-account-limits). The
 * API's URL may be one that the cluster alone reaches: then there is none, and nothing fails.
 */
export async function shareToken(settings: Settings): Promise<SharedToken> {
  const { mongodb } = settings;
  const none = { settings, token: undefined, end: async () => undefined };
  if (mongodb.provider !== 'atlas' || mongodb.api.credentials.kind !== 'service-account') return none;
  const { url, credentials } = mongodb.api;
  const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64');
  const post = async (path: string, body: string) => {
    const headers = {
      authorization: `Basic ${basic}`,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const signal = AbortSignal.timeout(CALL_MS);
    // A redirect could carry the secret to another host.
    const options = { method: 'POST', headers, body, redirect: 'error', signal } as const;
    const answer: unknown = await (await fetch(`${url}/api/oauth/${path}`, options)).json();
    return answer;
  };
  const answer = await post('token', 'grant_type=client_credentials').catch(() => undefined);
  const token = textIn(fieldsOf(answer), 'access_token');
  if (token === undefined) return none;
  const api = { ...mongodb.api, credentials: { ...credentials, sharedToken: token } };
  return {
    settings: { ...settings, mongodb: { ...mongodb, api } },
    token,
    end: async () => {
      await post('revoke', `token=${encodeURIComponent(token)}&token_type_hint=access_token`).catch(() => undefined);
    },
  };
}
