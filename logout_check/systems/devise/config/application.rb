require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "action_view/railtie"
require "action_mailer/railtie"
require "devise"

module Project
  class Application < Rails::Application
    config.load_defaults 6.1
    config.cache_classes = true
    config.eager_load = false
    config.secret_key_base = "a key for a demonstration" * 4
    config.action_mailer.delivery_method = :file
    config.action_mailer.file_settings = { location: Rails.root.join("mails") }
    config.action_mailer.default_url_options = { host: "127.0.0.1", port: 8000 }
  end
end
