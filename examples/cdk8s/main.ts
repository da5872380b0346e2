/** A cdk8s app of one's own: the cache beside other objects, and its Corefile in another chart. */
import { App, Chart } from 'cdk8s';
import { corefile, DEFAULTS, NodeLocalDns } from 'nodelocaldns';

const app = new App({ outdir: process.argv[2] });

/** All of it, with what differs from the defaults; the editor shows the others, with sentence and limits. */
const dns = new Chart(app, 'dns', { disableResourceNameHashes: true });
const cache = new NodeLocalDns(dns, 'cache', {
  values: {
    localIPs: ['169.254.20.10'],
    stubDomains: { 'corp.example': { to: ['10.0.0.53'] } },
    zones: { external: { cache: { serveStale: { enabled: true } } } },
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
  },
});

// The values after defaults, for whatever else you write: here the addresses that a NetworkPolicy must let through.
console.error(`pods ask ${cache.values.localIPs.join(', ')}`);

// A part by itself: only the text of a Corefile, to look at.
console.error(corefile({ ...DEFAULTS, clusterDomain: 'k8s.example' }).split('\n')[0]);

app.synth();
