import { probeUrl } from '../../channels/probe-url.ts';
import { humanDuration } from '../../core/duration.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { certificateFinding } from './certificate.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { error, good, note } from './check-result.ts';

/** Whether the dead-man’s switch can be reached. It is not called: a call says that all is well. */
export const heartbeatCheck: DoctorCheck = {
  name: 'heartbeat',
  title: 'Heartbeat',
  needs: 'nothing',
  limit: SHORT,
  run: async ({ config, now, proxies }, signal): Promise<readonly CheckResult[]> => {
    const { heartbeat } = config;
    if (heartbeat === undefined) return [note('heartbeat', 'is not configured: no notification if Tocsin itself is down')];
    const probed = await probeUrl({ url: heartbeat.url }, signal, proxies === undefined ? {} : { proxies });
    if (!probed.ok) {
      return [
        error('heartbeat', {
          found: probed.reason.text,
          expected: 'a server that answers',
          fix: 'check that this machine may connect (firewall, NetworkPolicy, proxy)',
        }),
      ];
    }
    return [
      certificateFinding('heartbeat', probed.certificateUntil, now) ??
        good('heartbeat', `${probed.what}; called every ${humanDuration(heartbeat.every)} by \`tocsin run\``),
    ];
  },
};
