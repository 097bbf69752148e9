import { Answers } from './answers.tsx';
import { Basket } from './basket.tsx';
import { Checkout } from './checkout.tsx';
import { Banner, Header } from './header.tsx';

export function App() {
  return (
    <>
      <Banner />
      <Header />
      <main>
        <div className="columns">
          <Basket />
          <Checkout />
        </div>
        <Answers />
      </main>
    </>
  );
}
