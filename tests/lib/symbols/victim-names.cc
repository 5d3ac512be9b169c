/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What C++ makes of names: templates, lambdas, operators, anonymous namespaces, most of it inlined. */
#include <algorithm>
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace shop
{
template <class T> struct Box {
  T content;
  T get () const { return content; }
  Box &
  operator<< (T more)
  {
    content += more;
    return *this;
  }
};

namespace
{
std::size_t
digits (int n)
{
  return [n] (int more) { return std::to_string (n + more).size (); }(3);
}
}
}

int
main ()
{
  std::map<std::string, std::vector<std::size_t>> prices;
  std::vector<std::string> names;
  std::regex pattern ("(a|b)*c+[0-9]{2,5}");
  std::size_t sum = 0;

  for (int i = 0; i < 100; i++)
    prices[std::to_string (i)].push_back (shop::digits (i));
  for (auto &price : prices)
    {
      shop::Box<std::size_t> box{ sum };

      sum += std::regex_match (price.first, pattern) + price.second[0];
      box << 3;
      sum += box.get ();
      names.push_back (price.first);
    }
  std::sort (names.begin (), names.end (), [] (auto &a, auto &b) { return a > b; });
  std::cout << sum << names[0] << std::endl;
}
