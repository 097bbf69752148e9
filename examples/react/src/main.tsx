/** The ten lines that matter: a provider, a context, and OpenFeature's own React component around the page. */
import { OpenFeature, OpenFeatureProvider } from '@openfeature/react-sdk';
import { YardarmWebProvider } from '@yardarm/sdk-browser';
import { Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { thisBrowser } from './visitor.ts';
import './style.css';

const { VITE_YARDARM_URL: url, VITE_YARDARM_KEY: key } = import.meta.env;
const root = createRoot(document.querySelector('#root') as HTMLElement);

if (!key) {
  root.render(
    <p className="hint">
      No client key. Run <code>npm start</code> in the root of the repository first, or set <code>VITE_YARDARM_KEY</code>.
    </p>,
  );
} else {
  const provider = new YardarmWebProvider({ url, key, app: { name: 'react example' } });
  // Not awaited: the page is drawn when the provider is ready, or with its code defaults when no server answers in time.
  OpenFeature.setProviderAndWait(provider, thisBrowser()).catch(() => undefined);
  root.render(
    <OpenFeatureProvider suspendUntilReady>
      <Suspense fallback={<p className="hint">One moment …</p>}>
        <App />
      </Suspense>
    </OpenFeatureProvider>,
  );
}
