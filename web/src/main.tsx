import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { makeClient } from "./api/queries";
import { prime, setCsrf } from "./api/client";
import { App } from "./app";
import { readBoot } from "./boot";
import { firstLanguage, I18nProvider } from "./i18n";
import { keepTheme, theme } from "./kit/theme";
import { ToastProvider } from "./kit/toast";
import "./styles";

const boot = readBoot();
setCsrf(boot.csrf);
prime(boot.first);
const language = firstLanguage(boot.me?.language ?? null);
keepTheme(boot.me?.theme ?? null);
document.documentElement.lang = language === "zh" ? "zh-CN" : "en";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root element");
createRoot(root).render(
  <MantineProvider theme={theme} withCssVariables={false} withGlobalClasses={false} defaultColorScheme="auto">
    <QueryClientProvider client={makeClient()}>
      <I18nProvider first={language}>
        <ToastProvider>
          <BrowserRouter><App boot={boot} /></BrowserRouter>
        </ToastProvider>
      </I18nProvider>
    </QueryClientProvider>
  </MantineProvider>,
);
