/**
 * What KVM's parameters demand of one another. Each demand is one function, tried in the order of
 * the list; the first that is not met is reported.
 */
import { isIP } from 'node:net';
import type { Combination } from './syntax.js';

/** Speeds that a serial port can have, bits per second. */
const SERIAL_SPEEDS: readonly unknown[] = [
  75, 110, 300, 600, 1200, 1800, 2400, 4800, 9600, 14400, 19200, 28800, 38400, 57600, 115200,
  230400, 345600, 460800,
];

/** Parameters that mean nothing unless the guest's screen is offered over SPICE. */
const SPICE_ONLY: readonly string[] = [
  'spice_ip_version',
  'spice_password_file',
  'spice_image_compression',
  'spice_jpeg_wan_compression',
  'spice_zlib_glz_wan_compression',
  'spice_streaming_video',
  'spice_use_tls',
];

const kernelNeedsRoot: Combination = (params) =>
  params['kernel_path'] && !params['root_path']
    ? "'kernel_path' is set, so 'root_path' must say where the root file system is"
    : undefined;

const verifyNeedsCertificates: Combination = (params) =>
  params['vnc_x509_verify'] && !params['vnc_x509_path']
    ? "'vnc_x509_verify' is on, so 'vnc_x509_path' must name the directory of the certificates"
    : undefined;

const serialSpeed: Combination = (params) =>
  params['serial_console'] && !SERIAL_SPEEDS.includes(params['serial_speed'])
    ? `'serial_speed' is ${String(params['serial_speed'])}, but must be one of ` +
      SERIAL_SPEEDS.join(', ')
    : undefined;

const cdromNeedsImage: Combination = (params) =>
  params['boot_order'] === 'cdrom' && !params['cdrom_image_path']
    ? "'boot_order' is cdrom, so 'cdrom_image_path' must name an image"
    : undefined;

const securityDomain: Combination = (params) => {
  const byUser = params['security_model'] === 'user';
  if (byUser && !params['security_domain']) {
    return "'security_model' is user, so 'security_domain' must name the user to run as";
  }
  if (!byUser && params['security_domain']) {
    return "'security_domain' is set, but only 'security_model' user takes one; empty it";
  }
  return undefined;
};

const spiceNeedsAddress: Combination = (params) => {
  if (params['spice_bind']) return undefined;
  const name = SPICE_ONLY.find((candidate) => params[candidate]);
  return name === undefined ? undefined : `'${name}' is set, so 'spice_bind' must be set too`;
};

const spiceFamily: Combination = (params) => {
  const family = isIP(String(params['spice_bind']));
  const wanted = params['spice_ip_version'];
  return family !== 0 && wanted && wanted !== family
    ? `'spice_bind' is an IPv${family} address, but 'spice_ip_version' is ${String(wanted)}`
    : undefined;
};

const nativeAioNeedsNoCache: Combination = (params) =>
  params['disk_aio'] === 'native' && params['disk_cache'] !== 'none'
    ? "'disk_aio' is native, which works with 'disk_cache' none only"
    : undefined;

/** All demands. */
export const KVM_COMBINATIONS: readonly Combination[] = [
  kernelNeedsRoot,
  verifyNeedsCertificates,
  serialSpeed,
  cdromNeedsImage,
  securityDomain,
  spiceNeedsAddress,
  spiceFamily,
  nativeAioNeedsNoCache,
];
