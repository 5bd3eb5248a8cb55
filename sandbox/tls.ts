import { generate } from 'selfsigned';

/** A private key and a certificate, PEM; the certificate is its own authority. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** Makes a certificate for a server on this machine, which may have other names too. */
export async function localIdentity(...names: readonly string[]): Promise<Identity> {
  const made = await generate([{ name: 'commonName', value: 'launchpad-sandbox' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          ...names.map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
