% rebase("layout.tpl", title=status, alert=alert)
    <section>
      <p>The page could not be shown.</p>
      <a href="/">Go to the home page</a>
    </section>
