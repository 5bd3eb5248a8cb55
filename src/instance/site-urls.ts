import type { ConfigFile } from './config/config-file.ts';

/** Addresses of the instance's pages; empty where config.yml does not name the host. */
export interface SiteUrls {
  readonly lmsUrl: string;
  readonly cmsUrl: string;
}

/** The addresses of LMS and CMS. Https unless ENABLE_HTTPS is false. */
export function siteUrls(config: ConfigFile): SiteUrls {
  const scheme = config.looseFlag('ENABLE_HTTPS') === false ? 'http' : 'https';
  const urlOf = (key: string) => {
    const host = config.text(key);
    return host === undefined ? '' : `${scheme}://${host.toLowerCase()}`;
  };
  return { lmsUrl: urlOf('LMS_HOST'), cmsUrl: urlOf('CMS_HOST') };
}
