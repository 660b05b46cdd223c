Rails.application.routes.draw do
  devise_for :users
  root to: "home#index"
  post "/colour", to: "home#colour"
  get "/events", to: "home#events"
end
